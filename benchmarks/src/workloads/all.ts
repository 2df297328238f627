import type { PackedPackage } from '../../../scripts/publishing/packed-packages.js';
import { peerVersions } from '../report/machine.js';
import { calls } from './calls.js';
import { churn } from './churn.js';
import { footprint } from './footprint.js';
import { peerInstallables } from './footprint-packages.js';
import { growth } from './growth.js';
import { idle } from './idle.js';
import { large } from './large.js';
import { lists } from './lists.js';
import { neighbours } from './neighbours.js';
import type { Plan } from './plan.js';
import { streams } from './streams.js';
import { tokens } from './tokens.js';
import type { Workload } from './workload.js';

/** What workloads are made with, besides the plan. */
export interface WorkloadParts {
  /** The packages as they were packed; asked for when the workload is run. */
  readonly packed: () => readonly PackedPackage[];
}

/**
 * The workloads of a plan, in the order of their letters.
 *
 * @param letters which; default: all
 * @throws Error for a letter that no workload has
 */
export async function workloadsOf(
  plan: Plan,
  letters: ReadonlySet<string> | undefined,
  { packed }: WorkloadParts,
): Promise<Workload[]> {
  const peers = peerInstallables(await peerVersions());
  const all = [
    ...[calls, churn, idle, large, streams, lists].map((workload) => workload(plan)),
    footprint(plan, packed, peers),
    ...[growth, tokens, neighbours].map((workload) => workload(plan)),
  ];
  for (const letter of letters ?? []) {
    if (all.some((workload) => workload.letter === letter)) continue;
    throw new Error(
      `There is no workload "${letter}"; there are ${all.map((one) => one.letter).join(', ')}.`,
    );
  }
  return all.filter(({ letter }) => letters?.has(letter) ?? true);
}
