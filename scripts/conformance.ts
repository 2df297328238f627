/*
 * Runs the official conformance suite against tesseras that require a bearer token: servers of both SDKs, on each
 * adapter. `pnpm conformance --cell node-v1` runs one cell. The suite needs Node 22; it and a Node for it are installed
 * in folders of their own, outside the workspace. The last line is `N passed, N failed`; a cell is one.
 */
import { parseArgs } from 'node:util';
import { chosenCells, type Cell } from './conformance/cells.js';
import { judge, type Verdict } from './conformance/judge.js';
import { printCell, printUnscored } from './conformance/report.js';
import { runCell } from './conformance/run-cell.js';
import { prepareSuite } from './conformance/suite.js';

const REVISION = '2025-11-25';

try {
  const { values } = parseArgs({ options: { cell: { type: 'string' } } });
  // What was started is stopped at the exit, which a signal alone would not bring about.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  await prove(chosenCells(values.cell));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function prove(cells: readonly Cell[]): Promise<void> {
  const suite = await prepareSuite(REVISION);
  const verdicts: Verdict[] = [];
  for (const cell of cells) {
    const startedAt = performance.now();
    const verdict = judge(cell, suite, await runCell(cell, suite));
    printCell(verdict, { revision: REVISION, elapsedMs: performance.now() - startedAt });
    verdicts.push(verdict);
  }
  printUnscored(verdicts);
  const failed = verdicts.filter(({ passed }) => !passed).length;
  console.log(`${String(verdicts.length - failed)} passed, ${String(failed)} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
