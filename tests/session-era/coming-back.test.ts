import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { toolCall } from './helpers/messages.js';
import { openSession } from './helpers/session.js';
import { EventReader } from './helpers/streams.js';
import { createWorld, HOSTS, IN_PROCESS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads until the stream has said something, leaves, and gives the id of the last event that was seen. */
async function leaveAfter(response: Response, what: string): Promise<string> {
  const reader = response.body?.getReader();
  let seen = '';
  while (!seen.includes(what)) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) throw new Error(`The stream ended after ${seen}.`);
    seen += new TextDecoder().decode(chunk.value);
  }
  await reader?.cancel();
  // Time for a socket to tell.
  await pause(50);
  const id = [...seen.matchAll(/^id: (.*)$/gm)].at(-1)?.[1];
  if (id === undefined) throw new Error(`No event id in ${seen}.`);
  return id;
}

const backAt = (id: string): { headers: Record<string, string> } => ({ headers: { 'last-event-id': id } });

describe.each(HOSTS)('A client that comes back ($name)', (setting) => {
  it('Gets the result that came while its connection was lost.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.post(toolCall(1, 'holdWithProgress', 'work', 'p'));
    const id = await leaveAfter(response, 'notifications/progress');
    (await world.acme.untilHeld('work')).release();
    await pause(50);
    const stream = new EventReader(await session.get(backAt(id)));
    await pause(200);
    expect(stream.messages).toMatchObject([{ id: 1, result: { content: [{ text: 'work' }] } }]);
  });

  it('Gets the result that comes after it is back.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.post(toolCall(1, 'holdWithProgress', 'work', 'p'));
    const id = await leaveAfter(response, 'notifications/progress');
    const stream = new EventReader(await session.get(backAt(id)));
    (await world.acme.untilHeld('work')).release();
    await stream.untilEnd();
    expect(stream.messages).toMatchObject([{ id: 1, result: { content: [{ text: 'work' }] } }]);
  });

  it('Is let in at the cap of streams, because it takes the place of its own lost one.', async () => {
    const world = await createWorld(setting, { limits: { streams: 1 } });
    const session = await openSession(world, TOKENS.acme);
    const response = await session.get();
    const reader = response.body?.getReader();
    const seen = new TextDecoder().decode((await reader?.read())?.value);
    const id = /^id: (.*)$/m.exec(seen)?.[1] ?? '';
    // Nobody has noticed yet that the connection is lost.
    expect((await session.get(backAt(id))).status).toBe(200);
  });
});

describe('A client whose tenant has as many bytes waiting as it may', () => {
  it('Gets what has waited for its stream, or loses the stream; nothing is left out.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { tenantQueuedBytes: 50_000 } });
    const slow = await openSession(world, TOKENS.acme);
    await slow.get();
    await world.acme.newest().log('error', 'x'.repeat(45_000));
    const session = await openSession(world, TOKENS.acme);
    await world.acme.newest().log('error', 'y'.repeat(20_000));
    const stream = new EventReader(await session.get());
    await pause(20);
    await world.acme.newest().log('error', 'next');
    await pause(50);
    const sizes = stream.messages.map(({ params }) => params?.data?.length);
    expect(stream.ended ? [] : sizes).toEqual(stream.ended ? [] : [20_000, 4]);
  });
});
