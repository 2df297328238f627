/*
 * Proves a tessera against releases of the MCP SDK that are in use: clients and servers of both lines, in sessions over
 * real HTTP. Releases that the workspace does not have itself are installed in folders of their own, outside of it.
 * `--write` writes docs/sdk-versions.md; `--client 1.10.0` and `--server 2.4.0` run a part. The last line is
 * `N passed, N failed`; a row that works counts as one.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './run.js';
import { prepareCells } from './sdks/cells.js';
import { renderPage } from './sdks/page.js';
import { linesOf } from './sdks/report.js';
import { runCell, type CellResult } from './sdks/run-cell.js';

const PAGE = join(ROOT, 'docs/sdk-versions.md');

const { values } = parseArgs({
  options: {
    client: { type: 'string' },
    server: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const all = await prepareCells();
const cells = all.filter(
  ({ client, server }) =>
    (values.client ?? client.version) === client.version &&
    (values.server ?? server.version) === server.version,
);
if (cells.length === 0) throw new Error('There is no such cell.');

const startedAt = performance.now();
const results: CellResult[] = [];
for (const cell of cells) {
  const result = await runCell(cell);
  results.push(result);
  for (const line of linesOf(result)) console.log(line);
}
console.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`);

const outcomes = results.flatMap((result) => result.outcomes);
const failed = outcomes.filter(({ failure }) => failure !== undefined).length;
const passed = outcomes.filter(({ failure, gap }) => failure === undefined && gap === undefined).length;
process.exitCode = failed === 0 ? 0 : 1;
if (failed === 0 && cells.length === all.length) await settlePage(await renderPage(results));
console.log(`${String(passed)} passed, ${String(failed)} failed`);

async function settlePage(page: string): Promise<void> {
  if (values.write) return writeFile(PAGE, page);
  if ((await readFile(PAGE, 'utf8').catch(() => '')) === page) return;
  console.error('docs/sdk-versions.md is not what this run has found. Run: pnpm test:sdks --write');
  process.exitCode = 1;
}
