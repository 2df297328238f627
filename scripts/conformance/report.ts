import type { Cell } from './cells.js';
import type { Judged, Verdict } from './judge.js';

/** Prints a cell's line, and below it what has failed. */
export function printCell(
  { cell, scored, complaint }: Verdict,
  { revision, elapsedMs }: { readonly revision: string; readonly elapsedMs: number },
): void {
  const passed = scored.filter(hasPassed).length;
  const result = `${String(passed)}/${String(scored.length)}`;
  console.log(`${titleOf(cell)}  ${revision}  ${result}  ${(elapsedMs / 1000).toFixed(1)} s`);
  for (const one of scored) if (!hasPassed(one)) printComplaints(one);
  if (complaint !== undefined)
    console.log(`  The suite did not end well. The last it printed:\n${complaint}`);
}

/** Prints how the scenarios went that the suite does not score. */
export function printUnscored(verdicts: readonly Verdict[]): void {
  for (const { cell, unscored } of verdicts) {
    for (const one of unscored) {
      console.log(`${titleOf(cell)}  ${one.name} (not scored)  ${hasPassed(one) ? 'passed' : 'FAILED'}`);
      printComplaints(one);
    }
  }
}

function titleOf({ sdk, adapter }: Cell): string {
  return `SDK ${sdk}  ${adapter.padEnd('fastify'.length)}`;
}

function hasPassed({ complaints }: Judged): boolean {
  return complaints.length === 0;
}

function printComplaints({ name, complaints }: Judged): void {
  // A check is often called like its scenario.
  for (const complaint of complaints)
    console.log(`  ${complaint.startsWith(`${name}: `) ? '' : `${name}: `}${complaint}`);
}
