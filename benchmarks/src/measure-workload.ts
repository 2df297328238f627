import { ROOT } from '../../scripts/run.js';
import { median, rotated } from './load/statistics.js';
import type { Row, WorkloadResult } from './report/results.js';
import type { Entry, Figures, Workload } from './workloads/workload.js';

/** Hears of each measurement when it is over. */
export type Heard = (told: {
  readonly workload: Workload;
  readonly round: number;
  readonly entry: Entry;
  readonly seconds: number;
  readonly failure?: string | undefined;
}) => void;

/** From this many entries on, a round is so long that it can begin on a quiet machine and end on a busy one. */
const LONG_ROUND = 6;

/**
 * Measures every entry of a workload once in each round, each round from another starting point; in a long one the entry that
 * all others are compared with three times, spread over it, of which the middle counts. An entry that fails is left out of later
 * rounds; the others go on.
 */
export async function measureWorkload(workload: Workload, heard: Heard): Promise<WorkloadResult> {
  const { entries, rounds } = workload;
  const figures = new Map<Entry, (Figures | null)[]>(entries.map((entry) => [entry, []]));
  const failures = new Map<Entry, string>();
  try {
    await workload.prepare?.();
    for (let round = 0; round < rounds; round += 1) {
      const measuredOf = new Map<Entry, Figures[]>(entries.map((entry) => [entry, []]));
      for (const entry of orderOf(workload, round)) {
        const startedAt = performance.now();
        const measured = failures.has(entry) ? null : await measureOnce(entry, failures);
        if (measured !== null) measuredOf.get(entry)?.push(measured);
        const seconds = (performance.now() - startedAt) / 1000;
        heard({ workload, round, entry, seconds, failure: failures.get(entry) });
      }
      for (const [entry, measured] of measuredOf) figures.get(entry)?.push(middleOf(measured));
    }
  } finally {
    await workload.cleanUp?.();
  }
  const { letter, title, about, limits, base, columns } = workload;
  const rows = entries.map((entry) => rowOf(entry, figures.get(entry) ?? [], failures.get(entry)));
  return { letter, title, about, limits, base, columns, rows };
}

/** The entries of a round in their order. */
function orderOf({ entries, rounds, base }: Workload, round: number): Entry[] {
  const order = rotated(entries, Math.floor((round * entries.length) / rounds));
  const compared = entries.find(({ name }) => name === base);
  if (compared === undefined || order.length < LONG_ROUND) return order;
  const third = Math.floor(order.length / 3);
  const at = order.indexOf(compared);
  // Wherever it is already, a third and two thirds of the round later it is measured again.
  const again = new Set([1, 2].map((times) => (at + times * third) % order.length));
  return order.flatMap((entry, index) => (again.has(index) ? [entry, compared] : [entry]));
}

/** Each figure in the middle; null when there are none. */
function middleOf(measured: readonly Figures[]): Figures | null {
  const [first] = measured;
  if (first === undefined) return null;
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, median(measured.map((figures) => figures[name] ?? NaN))]),
  );
}

async function measureOnce(entry: Entry, failures: Map<Entry, string>): Promise<Figures | null> {
  try {
    return rounded(await entry.measure());
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    // What is kept says nothing about where it was measured.
    failures.set(entry, message.replaceAll(ROOT, ''));
    return null;
  }
}

function rowOf(
  { name, group, era, sdk, note }: Entry,
  rounds: readonly (Figures | null)[],
  failure: string | undefined,
): Row {
  return { name, group, era, sdk, note, rounds, failure };
}

/** Five digits say all there is to say. */
function rounded(figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(5))]),
  );
}
