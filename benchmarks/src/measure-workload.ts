import { ROOT } from '../../scripts/run.js';
import { rotated } from './load/statistics.js';
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

/**
 * Measures every entry of a workload once in each round, each round from another starting point. An entry that fails is left
 * out of later rounds; the others go on.
 */
export async function measureWorkload(workload: Workload, heard: Heard): Promise<WorkloadResult> {
  const { entries, rounds } = workload;
  const figures = new Map<Entry, (Figures | null)[]>(entries.map((entry) => [entry, []]));
  const failures = new Map<Entry, string>();
  try {
    await workload.prepare?.();
    for (let round = 0; round < rounds; round += 1) {
      for (const entry of rotated(entries, Math.floor((round * entries.length) / rounds))) {
        const startedAt = performance.now();
        const measured = failures.has(entry) ? null : await measureOnce(entry, failures);
        figures.get(entry)?.push(measured);
        const seconds = (performance.now() - startedAt) / 1000;
        heard({ workload, round, entry, seconds, failure: failures.get(entry) });
      }
    }
  } finally {
    await workload.cleanUp?.();
  }
  const { letter, title, about, limits, base, columns } = workload;
  const rows = entries.map((entry) => rowOf(entry, figures.get(entry) ?? [], failures.get(entry)));
  return { letter, title, about, limits, base, columns, rows };
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
