import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { textOf } from '../../session-era/helpers/messages.js';
import { answerOf, EventReader } from '../../session-era/helpers/streams.js';
import { TOKENS } from '../../session-era/helpers/world.js';
import { AskingLog, makeAsking } from '../helpers/asking-log.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell, HOSTS_BOTH_WAYS } from '../helpers/cells.js';
import { expectGracefulEnd } from './helpers/ends.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };
const PROGRESS = { meta: { progressToken: 'p' } };

describe.each(CELLS)('A tessera that drains ($name)', (cell) => {
  it('Lets calls in flight finish, ends listen streams in order, and takes no new ones.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const listening = await caller.listen();
    const inOneBody = caller.call('json', 'hold', 'json');
    const inStream = caller.call('stream', 'holdWithProgress', 'stream', PROGRESS);
    const [json, stream] = [await world.acme.untilHeld('json'), await world.acme.untilHeld('stream')];
    const reader = new EventReader(await inStream);
    await reader.untilMethod('notifications/progress');
    let drained = false;
    const draining = world.tessera.drain({ graceMs: 10_000 }).then(() => {
      drained = true;
    });
    await expectGracefulEnd(listening, 'listen');
    for (const method of ['tools/list', 'server/discover', 'subscriptions/listen']) {
      const refused = await caller.ask(1, method, { notifications: {} });
      expect([method, refused.status]).toEqual([method, 503]);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await caller.call(2, 'echo')).status).toBe(503);
    expect(drained).toBe(false);
    for (const call of [json, stream]) {
      expect(call.signal.aborted).toBe(false);
      call.release();
    }
    expect(textOf(await answerOf(await inOneBody))).toBe('json');
    expect(textOf(await reader.untilAnswer('stream'))).toBe('stream');
    await draining;
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, openListens: 0, keptServers: 0 });
  });

  it('Ends calls that take longer than its grace.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const waiting = caller.call(1, 'hold', 'too long');
    const call = await world.acme.untilHeld('too long');
    await world.tessera.drain({ graceMs: 60 });
    const answer = await answerOf(await waiting);
    expect(answer.result).toBeUndefined();
    expect(answer.error?.code).toEqual(expect.any(Number));
    expect(call.signal.aborted).toBe(true);
  });

  it('Is done at once when only listen streams are open.', async () => {
    const world = await createCell(cell);
    const listening = await new StatelessCaller(world, TOKENS.acme).listen();
    await world.tessera.drain({ graceMs: 60_000 });
    await expectGracefulEnd(listening, 'listen');
  });
});

describe.each(CELLS)('A tessera that is closed ($name)', (cell) => {
  it('Answers what waits, ends what streams, and keeps nothing.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const listening = await caller.listen();
    const inOneBody = caller.call('json', 'hold', 'json');
    const inStream = caller.call('stream', 'holdWithProgress', 'stream', PROGRESS);
    const calls = [await world.acme.untilHeld('json'), await world.acme.untilHeld('stream')];
    const reader = new EventReader(await inStream);
    await reader.untilMethod('notifications/progress');
    await world.tessera.close();
    const answer = await answerOf(await inOneBody);
    expect(answer.result).toBeUndefined();
    expect(answer.error?.code).toEqual(expect.any(Number));
    await reader.untilEnd();
    expect(reader.failure).toBeUndefined();
    expect(reader.messages.at(-1)).toMatchObject({
      id: 'stream',
      error: { code: expect.any(Number) as number },
    });
    await expectGracefulEnd(listening, 'listen');
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect((await caller.call(1, 'echo')).status).toBe(503);
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, openListens: 0, keptServers: 0 });
  });
});

describe.each(HOSTS_BOTH_WAYS)('Calls that wait for their client, at the end ($name)', (cell) => {
  it.each(['drain', 'close'] as const)('Are settled by %s.', async (end) => {
    const log = new AskingLog();
    const world = await createCell(cell, {}, { server: () => makeAsking(log) });
    const caller = new StatelessCaller(world, TOKENS.acme, { capabilities: { elicitation: {} } });
    const { result } = await answerOf(await caller.call(1, 'ask', 'a'));
    expect(result?.resultType).toBe('input_required');
    await (end === 'close' ? world.tessera.close() : world.tessera.drain({ graceMs: 60 }));
    await vi.waitFor(() => {
      expect(log.lines).toEqual(['asks a', 'cannot ask a']);
    }, WAIT);
    expect(log.signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(world.tessera.getStats()).toMatchObject({ parkedCalls: 0, keptServers: 0 });
  });
});
