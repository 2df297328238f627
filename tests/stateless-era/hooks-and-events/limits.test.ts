import type { TesseraOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { HookLog } from '../../session-era/helpers/hook-log.js';
import { textOf } from '../../session-era/helpers/messages.js';
import { headersOf, openSession } from '../../session-era/helpers/session.js';
import { answerOf, EventReader } from '../../session-era/helpers/streams.js';
import { TOKENS } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell } from '../helpers/cells.js';
import { selfDescribing } from '../helpers/envelope.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };
/** The error of a call that took too long. */
const TIMEOUT = { code: -32000, message: 'The call took longer than it may.' };
const SHORT = 60;

async function expectCapped(response: Response, status: number): Promise<void> {
  expect(response.status).toBe(status);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await answerOf(response)).error?.code).toBe(-32000);
}

describe.each(CELLS)('Limits of calls in the stateless era ($name)', (cell) => {
  it('A tenant has no more calls in flight than it may, in both eras together.', async () => {
    const world = await createCell(cell, { limits: { calls: 3 } });
    const acme = new StatelessCaller(world, TOKENS.acme);
    const sibling = new StatelessCaller(world, TOKENS.sibling);
    const session = await openSession(world, TOKENS.acme);
    const waiting = [acme.call(1, 'hold', 'a'), sibling.call(1, 'hold', 'b'), session.call(1, 'hold', 'c')];
    const held = await Promise.all(['a', 'b', 'c'].map((text) => world.acme.untilHeld(text)));
    await expectCapped(await acme.call('capped', 'echo', 'x'), 429);
    await expectCapped(await sibling.call('capped', 'echo', 'x'), 429);
    expect((await session.call(2, 'echo', 'x')).status).toBe(429);
    expect(await new StatelessCaller(world, TOKENS.globex).textOf(1, 'echo', 'free')).toBe('free');
    held[0]?.release();
    expect(textOf(await answerOf((await waiting[0]) as Response))).toBe('a');
    expect(await sibling.textOf(3, 'echo', 'again')).toBe('again');
    for (const call of held.slice(1)) call.release();
    for (const answer of waiting.slice(1)) expect((await answer).status).toBe(200);
  });

  it('All tenants together have no more calls in flight than they may.', async () => {
    const world = await createCell(cell, { limits: { totalCalls: 1 } });
    const waiting = new StatelessCaller(world, TOKENS.acme).call(1, 'hold', 'a');
    const held = await world.acme.untilHeld('a');
    const globex = new StatelessCaller(world, TOKENS.globex);
    await expectCapped(await globex.call('capped', 'echo', 'x'), 503);
    held.release();
    await (await waiting).text();
    expect(await globex.textOf(1, 'echo', 'x')).toBe('x');
  });

  it('A listen stream is no call in flight.', async () => {
    const world = await createCell(cell, { limits: { calls: 1 } });
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.listen();
    await caller.listen();
    expect(await caller.textOf(1, 'echo', 'x')).toBe('x');
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  });

  it('A refused call leaves nothing behind.', async () => {
    const world = await createCell(cell, { limits: { calls: 1 } });
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 5; turn += 1) {
      const refused = await caller.call(1, 'echo', 'x', { headers: { 'mcp-name': 'other' } });
      expect(refused.status).toBe(400);
      await refused.text();
    }
    expect(world.tessera.getStats().callsInFlight).toBe(0);
    expect(await caller.textOf(1, 'echo', 'x')).toBe('x');
  });

  const timed = (limits: TesseraOptions['limits'] = {}): TesseraOptions => ({
    limits: { callMs: SHORT, ...limits },
    sessions: { keepAliveMs: 40 },
  });

  it('A call that takes longer than it may is answered with an error, and its handler is told.', async () => {
    const log = new HookLog();
    const world = await createCell(cell, { ...timed({ calls: 1 }), hooks: log.hooks });
    const caller = new StatelessCaller(world, TOKENS.acme);
    const answer = caller.call('mine', 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    expect(await answerOf(await answer)).toEqual({ jsonrpc: '2.0', id: 'mine', error: TIMEOUT });
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
    }, WAIT);
    expect((await log.onlyEnd()).outcome.status).toBe('timedOut');
    expect(world.events('toolCalled')).toMatchObject([
      { toolName: 'hold', success: false, era: 'stateless' },
    ]);
    expect(await caller.textOf(2, 'echo', 'again')).toBe('again');
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  });

  it('One that streams is told so in its stream, which ends.', async () => {
    const world = await createCell(cell, timed());
    const caller = new StatelessCaller(world, TOKENS.acme);
    const meta = { progressToken: 'p' };
    const stream = new EventReader(await caller.call(5, 'holdWithProgress', 'work', { meta }));
    await stream.untilEnd();
    expect(stream.messages.map(({ method }) => method)).toEqual(['notifications/progress', undefined]);
    expect(stream.messages.at(-1)).toEqual({ jsonrpc: '2.0', id: 5, error: TIMEOUT });
  });

  it('One that takes too long takes no others with it.', async () => {
    const world = await createCell(cell, { limits: { callMs: 300 }, sessions: { keepAliveMs: 40 } });
    const caller = new StatelessCaller(world, TOKENS.acme);
    const slow = caller.call('slow', 'hold', 'slow');
    await world.acme.untilHeld('slow');
    const listening = await caller.listen();
    const others = Array.from({ length: 20 }, async (_, turn) => {
      await new Promise((resolve) => setTimeout(resolve, turn * 25));
      return caller.textOf(1, 'echo', 'meanwhile');
    });
    expect(new Set(await Promise.all(others))).toEqual(new Set(['meanwhile']));
    expect((await answerOf(await slow)).error).toEqual(TIMEOUT);
    expect(listening.ended).toBe(false);
  });

  it('A body that is larger than it may be is refused, and nothing is made for it.', async () => {
    const world = await createCell(cell, { limits: { bodyBytes: 2000 } });
    const caller = new StatelessCaller(world, TOKENS.acme);
    const refused = await caller.call(1, 'echo', 'x'.repeat(3000));
    expect(refused.status).toBe(413);
    expect((await answerOf(refused)).error?.code).toBe(-32000);
    expect(world.acme.instances).toEqual([]);
    const { headers, message } = selfDescribing({
      id: 1,
      method: 'tools/call',
      params: { name: 'echo', arguments: { text: 'x' } },
    });
    const body = JSON.stringify(message).padEnd(2000);
    const exact = await world.send({ headers: headersOf({ token: TOKENS.acme, headers }), body });
    expect(textOf(await answerOf(exact))).toBe('x');
  });
});
