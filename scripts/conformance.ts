/*
 * Runs the official conformance suite against tesseras that require a bearer token: servers of both SDKs, on each
 * adapter, in both eras. `pnpm conformance --requirements 2026-07-28` runs the cells of one revision, and
 * `pnpm conformance --cell node-v1` one cell. The suite needs Node 22; it and a Node for it are installed in folders of
 * their own, outside the workspace. The last line is `N passed, N failed`; a cell is one.
 */
import { parseArgs } from 'node:util';
import { chosenCells, type Cell } from './conformance/cells.js';
import { judge, type Verdict } from './conformance/judge.js';
import { printComplaints, printTable } from './conformance/report.js';
import { chosenRevisions } from './conformance/revisions.js';
import { runCell } from './conformance/run-cell.js';
import { prepareSuite } from './conformance/suite.js';

try {
  const { values } = parseArgs({ options: { requirements: { type: 'string' }, cell: { type: 'string' } } });
  // What was started is stopped at the exit, which a signal alone would not bring about.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  await prove(chosenCells(chosenRevisions(values.requirements), values.cell));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function prove(cells: readonly Cell[]): Promise<void> {
  const verdicts: Verdict[] = [];
  for (const cell of cells) {
    const suite = await prepareSuite(cell.revision);
    const verdict = judge(cell, suite, await runCell(cell, suite));
    printComplaints(verdict);
    verdicts.push(verdict);
  }
  printTable(verdicts);
  const failed = verdicts.filter(({ passed }) => !passed).length;
  console.log(`${String(verdicts.length - failed)} passed, ${String(failed)} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
