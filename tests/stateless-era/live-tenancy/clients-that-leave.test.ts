import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { gate, HookLog } from '../../session-era/helpers/hook-log.js';
import { textOf } from '../../session-era/helpers/messages.js';
import { answerOf, EventReader } from '../../session-era/helpers/streams.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell } from '../helpers/cells.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };
const PROGRESS = { meta: { progressToken: 'p' } };

const untilIdle = (world: World): Promise<void> =>
  vi.waitFor(() => {
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, openListens: 0 });
  }, WAIT);

describe.each(CELLS)('A client that goes away ($name)', (cell) => {
  it('Cancels its call while it waits for the answer.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const leaving = new AbortController();
    const waiting = caller.call(1, 'hold', 'work', { signal: leaving.signal }).catch(() => 'gone');
    const call = await world.acme.untilHeld('work');
    expect(world.tessera.getStats().callsInFlight).toBe(1);
    leaving.abort();
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
    }, WAIT);
    await waiting;
    await untilIdle(world);
    expect(await caller.textOf(2, 'echo', 'again')).toBe('again');
  });

  it('Cancels its call while it streams.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const reader = new EventReader(await caller.call(1, 'holdWithProgress', 'work', PROGRESS));
    const call = await world.acme.untilHeld('work');
    await reader.untilMethod('notifications/progress');
    await reader.leave();
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
    }, WAIT);
    await untilIdle(world);
    expect(await caller.textOf(2, 'echo', 'again')).toBe('again');
  });

  it('Does not disturb other calls of the same client, user and tenant.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const leaving = new AbortController();
    const gone = caller.call(1, 'hold', 'leaves', { signal: leaving.signal }).catch(() => 'gone');
    const staying = caller.call(1, 'hold', 'stays');
    const streaming = new EventReader(await caller.call(1, 'holdWithProgress', 'streams', PROGRESS));
    const left = await world.acme.untilHeld('leaves');
    const kept = [await world.acme.untilHeld('stays'), await world.acme.untilHeld('streams')];
    leaving.abort();
    await vi.waitFor(() => {
      expect(left.signal.aborted).toBe(true);
    }, WAIT);
    await gone;
    expect(await caller.textOf(2, 'echo', 'again')).toBe('again');
    expect(kept.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    for (const call of kept) call.release();
    expect(textOf(await answerOf(await staying))).toBe('stays');
    expect(textOf(await streaming.untilAnswer(1))).toBe('streams');
    await untilIdle(world);
  });

  it('Ends its listen stream.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const [leaving, staying] = [await caller.listen(), await caller.listen()];
    expect(world.tessera.getStats()).toMatchObject({ openListens: 2 });
    await leaving.leave();
    await vi.waitFor(() => {
      expect(world.tessera.getStats()).toMatchObject({ openListens: 1 });
    }, WAIT);
    world.tessera.notify('acme').toolsChanged();
    await staying.untilMethod('notifications/tools/list_changed');
  });

  it('While hooks think about its call has it never made, and told as cancelled, once.', async () => {
    const thinking = gate<undefined>();
    const log = new HookLog(() => thinking.passed);
    const world = await createCell(cell, { hooks: log.hooks });
    const caller = new StatelessCaller(world, TOKENS.acme);
    const leaving = new AbortController();
    const waiting = caller.call(1, 'hold', 'never', { signal: leaving.signal }).catch(() => 'gone');
    await log.untilAsked();
    leaving.abort();
    await waiting;
    await untilIdle(world);
    thinking.open(undefined);
    const { call, outcome } = await log.onlyEnd();
    expect(call).toMatchObject({ era: 'stateless', method: 'tools/call', name: 'hold' });
    expect(outcome.status).toBe('cancelled');
    expect(world.acme.held).toEqual([]);
  });

  it('While its call runs has it told as cancelled, once.', async () => {
    const log = new HookLog();
    const world = await createCell(cell, { hooks: log.hooks });
    const caller = new StatelessCaller(world, TOKENS.acme);
    const leaving = new AbortController();
    const waiting = caller.call(1, 'hold', 'work', { signal: leaving.signal }).catch(() => 'gone');
    await world.acme.untilHeld('work');
    leaving.abort();
    await waiting;
    expect((await log.onlyEnd()).outcome.status).toBe('cancelled');
  });
});
