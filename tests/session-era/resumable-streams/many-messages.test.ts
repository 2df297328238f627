import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../helpers/cleanup.js';
import { openSession } from '../helpers/session.js';
import { TOKENS } from '../helpers/world.js';
import { listen } from './helpers/listening.js';
import { createWorkingWorld, WORKING_SDKS, type WorkingSdk } from './helpers/working-servers.js';

afterEach(closeEverything);

async function messagesOfReturn(sdk: WorkingSdk, count: number): Promise<{ said: string[]; got: string[] }> {
  const { world, desk } = await createWorkingWorld(sdk);
  const session = await openSession(world, TOKENS.acme);
  const first = await listen(session);
  await desk.say('before');
  await first.untilSaid('before');
  await first.leave();
  const said = Array.from({ length: count }, (_, index) => `between ${String(index)}`);
  await desk.say(...said);
  const back = await listen(session, first.lastId);
  await desk.say('after');
  await back.untilSaid('after');
  return { said: [...said, 'after'], got: back.said };
}

describe.each(WORKING_SDKS)('Between the loss of a stream and the return ($name)', (sdk) => {
  it.each([1, 10, 32])('%d messages are neither lost nor doubled.', async (count) => {
    const { said, got } = await messagesOfReturn(sdk, count);
    expect(got).toEqual(said);
  });

  it.each([33, 900])('%d messages are neither lost nor doubled.', async (count) => {
    const { said, got } = await messagesOfReturn(sdk, count);
    expect(got).toEqual(said);
  });
});
