import { expect } from 'vitest';
import { until } from '../../../regressions/helpers/waiting.js';
import { describeDifferences } from './describe-differences.js';
import { fuzz, type Fuzz } from './fuzz.js';

/** The least part of all requests that must be answered with a result, so that not only refusals are compared. */
const LEAST_ANSWERED = 0.3;

/** Refusals that must come up in the comparison of any two servers. */
const REFUSALS = ['202', '400 -32020', '400 -32022', '400 -32600', '400 -32602', '404 -32601', '200 -32602'];

/** Expects that every request is answered in the same way by all, that enough is asked to tell, and that nothing stays behind. */
export async function expectNoDifference(given: Fuzz): Promise<void> {
  const report = await fuzz(given);
  expect(describeDifferences(report)).toBe('');
  const seen = new Map<string, number>();
  for (const [kind, times] of report.seen) {
    const outcome = kind.slice(kind.indexOf(' ') + 1);
    seen.set(outcome, (seen.get(outcome) ?? 0) + times);
  }
  expect((seen.get('200') ?? 0) / report.compared).toBeGreaterThan(LEAST_ANSWERED);
  expect([...seen.keys()].filter((outcome) => /^[05]/.test(outcome))).toEqual([]);
  if (report.compared >= 2000) expect([...seen.keys()]).toEqual(expect.arrayContaining(REFUSALS));
  for (const { leftOver } of given.ways) {
    if (leftOver === undefined) continue;
    await until(async () => {
      expect(await leftOver()).toEqual({ callsInFlight: 0, openListens: 0, parkedCalls: 0, openServers: 0 });
    });
  }
}
