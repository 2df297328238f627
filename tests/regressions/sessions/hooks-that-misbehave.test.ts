import type { CallHooks } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { request, toolCall } from '../../session-era/helpers/messages.js';
import { within } from '../helpers/waiting.js';
import { play, turns } from './helpers/play.js';
import { messageOf, open, post, remove } from './helpers/requests.js';

afterEach(closeEverything);

const AT_ONCE = 1000;

/** Hooks as a program without types may write them. */
const untyped = (hooks: object): CallHooks => hooks;

/** The rejections that nobody handles while something runs. */
async function unhandledWhile(run: () => Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const own = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  try {
    await run();
    await turns(10);
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of own) process.on('unhandledRejection', listener);
  }
  return unhandled;
}

describe('Hooks that give or throw what they should not', () => {
  it('An asynchronous allowTool that rejects denies the tool, and leaves no rejection behind.', async () => {
    const allowTool = async (): Promise<never> => {
      await turns(1);
      throw new Error('The database is down.');
    };
    const { tessera, token, servers } = play({}, { hooks: untyped({ allowTool }) });
    const session = await open(tessera, token);
    const unhandled = await unhandledWhile(async () => {
      await within(AT_ONCE, post(tessera, { token, session }, toolCall(7, 'add')));
    });
    expect(unhandled).toEqual([]);
    // A denied tool is called by a name that nobody has.
    expect(servers[0]?.heard.map(({ params }) => params?.name)).not.toContain('add');
  });

  it('No error is told of when afterCall gives something back.', async () => {
    const seen = new Set(['add']);
    const { tessera, token, errors } = play({}, { hooks: untyped({ afterCall: () => seen.delete('add') }) });
    const session = await open(tessera, token);
    await post(tessera, { token, session }, toolCall(7, 'add'));
    await turns();
    expect(seen.size).toBe(0);
    expect(errors).toEqual([]);
  });

  it('When a result cannot be written, afterCall is told of the error that the client got.', async () => {
    const outcomes: string[] = [];
    const afterCall: CallHooks['afterCall'] = (_call, _state, { status }) => {
      outcomes.push(status);
    };
    const handlers = { 'tools/call': () => ({ content: [], huge: 10n }) };
    const { tessera, token } = play({}, { hooks: { afterCall } }, handlers);
    const session = await open(tessera, token);
    const answer = await within(AT_ONCE, post(tessera, { token, session }, toolCall(7, 'add')));
    await turns();
    expect(messageOf(answer)).toHaveProperty('error');
    expect(outcomes).toEqual(['failed']);
  });

  it('A list with a tool whose name cannot be a text is answered, and counted as over.', async () => {
    // As a gateway passes on what another server says.
    const tools = JSON.parse('[{"name":{"toString":1}},{"name":"fine"}]') as unknown;
    const handlers = { 'tools/list': () => ({ tools }) };
    const { tessera, token } = play({ hooks: { allowTool: () => true } }, {}, handlers);
    const session = await open(tessera, token);
    const answer = await within(AT_ONCE, post(tessera, { token, session }, request(3, 'tools/list')));
    expect(answer.status).toBe(200);
    await remove(tessera, { token, session });
    expect(tessera.getStats().callsInFlight).toBe(0);
  });
});
