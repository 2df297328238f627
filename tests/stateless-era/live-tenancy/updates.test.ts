import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { textOf } from '../../session-era/helpers/messages.js';
import { Stage } from '../../session-era/helpers/stage.js';
import { answerOf, EventReader } from '../../session-era/helpers/streams.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, CELLS_IN_PROCESS, createCell } from '../helpers/cells.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };
const CHANGED = 'notifications/tools/list_changed';
const PROGRESS = { meta: { progressToken: 'p' } };

describe.each(CELLS)('A server that is replaced ($name)', (cell) => {
  it('Finishes the calls it has; those that come later get the new one, and listeners hear of it.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const listening = await caller.listen();
    const inOneBody = caller.call('json', 'hold', 'json');
    const inStream = caller.call('stream', 'holdWithProgress', 'stream', PROGRESS);
    const [json, stream] = [await world.acme.untilHeld('json'), await world.acme.untilHeld('stream')];
    const reader = new EventReader(await inStream);
    await reader.untilMethod('notifications/progress');

    const replacement = new Stage('replacement');
    await world.tessera.updateTenant('acme', { server: () => cell.sdk.make(replacement) });

    expect(await caller.textOf(2, 'whoami')).toBe('replacement');
    await listening.untilMethod(CHANGED);
    expect([json.signal.aborted, stream.signal.aborted]).toEqual([false, false]);
    const late = caller.call('late', 'hold', 'late');
    const held = await replacement.untilHeld('late');
    for (const call of [json, stream, held]) call.release();
    expect(textOf(await answerOf(await inOneBody))).toBe('json');
    expect(textOf(await reader.untilAnswer('stream'))).toBe('stream');
    expect(textOf(await answerOf(await late))).toBe('late');
    expect(listening.ended).toBe(false);
    expect(world.acme.held).toHaveLength(2);
  });

  it('Is closed when its last call is over, and not used again.', async () => {
    let closed = 0;
    const server = (): McpServerLike => {
      const made = cell.sdk.make(world.acme);
      (made as unknown as { server: { onclose: () => void } }).server.onclose = () => {
        closed += 1;
      };
      return made;
    };
    const world: World = await createCell(cell, {}, { server });
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const waiting = caller.call(1, 'hold', 'last');
    const call = await world.acme.untilHeld('last');
    await world.tessera.updateTenant('acme', { server: () => cell.sdk.make(new Stage('replacement')) });
    const made = world.acme.instances.length;
    const names = await Promise.all(Array.from({ length: 5 }, () => caller.textOf(3, 'whoami')));
    expect(new Set(names)).toEqual(new Set(['replacement']));
    await vi.waitFor(() => {
      expect(closed).toBe(made - 1);
    }, WAIT);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('last');
    await vi.waitFor(() => {
      expect(closed).toBe(made);
    }, WAIT);
    expect(world.acme.instances).toHaveLength(made);
  });

  it('That does not work changes nothing, and the update rejects.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const listening = await caller.listen();
    const waiting = caller.call(1, 'hold', 'meanwhile');
    const call = await world.acme.untilHeld('meanwhile');
    const broken: readonly (() => McpServerLike | Promise<McpServerLike>)[] = [
      () => {
        throw new Error('no such plan');
      },
      () => Promise.reject(new Error('no such plan')),
      () => ({ not: 'a server' }) as unknown as McpServerLike,
    ];
    for (const server of broken) {
      await expect(world.tessera.updateTenant('acme', { server })).rejects.toThrow();
      expect(await caller.textOf(2, 'whoami')).toBe('acme');
    }
    expect(world.events('serverFailed').map(({ tenantId }) => tenantId)).toEqual(['acme', 'acme', 'acme']);
    expect(world.tessera.getTenant('acme')?.generation).toBe(1);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('meanwhile');
    world.tessera.notify('acme').toolsChanged();
    await listening.untilMethod(CHANGED);
    expect(listening.count(CHANGED)).toBe(1);
  });

  it('Of one tenant leaves the calls and streams of another alone.', async () => {
    const world = await createCell(cell);
    const globex = new StatelessCaller(world, TOKENS.globex);
    await globex.warmUp();
    const made = world.globex.instances.length;
    const listening = await globex.listen();
    const waiting = globex.call(1, 'hold', 'work');
    const call = await world.globex.untilHeld('work');
    await world.tessera.updateTenant('acme', { server: () => cell.sdk.make(new Stage('other')) });
    expect(await new StatelessCaller(world, TOKENS.acme).textOf(1, 'whoami')).toBe('other');
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('work');
    expect(world.globex.instances.length - made).toBeLessThanOrEqual(2);
    world.tessera.notify('globex').toolsChanged();
    await listening.untilMethod(CHANGED);
    expect(listening.count(CHANGED)).toBe(1);
  });
});

describe.each(CELLS_IN_PROCESS)('A server that is replaced again and again ($name)', (cell) => {
  const UPDATES = 30;
  const LANES = 6;

  it('Fails no call, and a call that begins after an update is answered by its server or a later one.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const planServer = (plan: number): { server: () => McpServerLike } => {
      const stage = new Stage(String(plan));
      return { server: () => cell.sdk.make(stage) };
    };
    await world.tessera.updateTenant('acme', planServer(0));
    const listening = await caller.listen();
    let [newest, isOver, calls] = [0, false, 0];
    const wrong: string[] = [];
    const run = async (): Promise<void> => {
      while (!isOver && wrong.length === 0) {
        const atLeast = newest;
        const said = await caller.textOf(1, 'whoami');
        calls += 1;
        // Calls that never leave the process would leave no turn to anything else.
        await new Promise((resolve) => setImmediate(resolve));
        if (said === undefined || !(Number(said) >= atLeast))
          wrong.push(`${String(said)} < ${String(atLeast)}`);
      }
    };
    const lanes = Array.from({ length: LANES }, run);
    for (let plan = 1; plan <= UPDATES; plan += 1) {
      const before = calls;
      await vi.waitFor(() => {
        expect(calls > before + LANES || wrong.length > 0).toBe(true);
      }, WAIT);
      await world.tessera.updateTenant('acme', planServer(plan));
      newest = plan;
      await vi.waitFor(() => {
        expect(listening.count(CHANGED)).toBeGreaterThanOrEqual(plan);
      }, WAIT);
    }
    isOver = true;
    await Promise.all(lanes);
    expect(wrong).toEqual([]);
    expect(calls).toBeGreaterThan(UPDATES * LANES);
    expect(listening.ended).toBe(false);
    expect(world.events('transportError')).toEqual([]);
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  }, 60_000);
});
