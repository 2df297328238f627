import type { HookedCall } from '@tessera-mcp/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import type { HookLog } from './helpers/hook-log.js';
import { HookPlay, stateOf } from './helpers/hook-play.js';
import { stepSequences } from './helpers/hook-steps.js';
import { SETTINGS } from './helpers/world.js';

afterEach(closeEverything);

/** Expects that each call that was asked about was told of once, and with the state it was given. */
function expectToldOnce({ asked, told }: HookLog, name: 'outer' | 'inner'): void {
  const times = new Map<HookedCall, number>(asked.map((call) => [call, 0]));
  for (const { call } of told) times.set(call, (times.get(call) ?? NaN) + 1);
  const wrong = [...times].filter(([, count]) => count !== 1);
  expect(wrong).toEqual([]);
  for (const { call, state } of told) {
    const hasFailed = ['throw', 'reject', 'waitAndReject'].includes(String(call.arguments[name]));
    expect(state).toBe(hasFailed ? undefined : stateOf(name));
  }
}

describe.each(SETTINGS.filter(({ socket }) => !socket))('Hooks ($name)', (setting) => {
  it('Hear of the end of each call they were asked about once, whatever happens in whatever order.', async () => {
    const seen = new Set<string>();
    const play = async (steps: Parameters<HookPlay['take']>[0][]): Promise<void> => {
      const run = new HookPlay(setting);
      try {
        await run.begin();
        for (const step of steps) await run.take(step);
        expect(await run.finish()).toEqual({ unanswered: 0, callsInFlight: 0 });
        expectToldOnce(run.outer, 'outer');
        expectToldOnce(run.inner, 'inner');
        for (const { outcome } of [...run.outer.told, ...run.inner.told]) seen.add(outcome.status);
      } finally {
        await closeEverything();
      }
    };
    await fc.assert(fc.asyncProperty(stepSequences, play), { numRuns: 50 });
    // Otherwise the sequences would not be worth much.
    expect([...seen]).toEqual(expect.arrayContaining(['answered', 'failed', 'ended']));
  }, 60_000);
});
