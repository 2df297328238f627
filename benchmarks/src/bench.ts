/*
 * Measures this project, the floors and the peers beside each other. `--quick` takes under five minutes and leaves a lot out;
 * `--workload a,b` and `--candidate name,name` run a part, `--rounds n` so many rounds. `--write` keeps a whole run, or
 * whole workloads of one, in benchmarks/results and docs/performance.md. Ends with 1 when a candidate has failed.
 */
import type { PackedPackage } from '../../scripts/publishing/packed-packages.js';
import { pinLoad } from './candidates/cpus.js';
import { installPeers, packOurs } from './candidates/prepare.js';
import { measureWorkload, type Heard } from './measure-workload.js';
import { readOptions } from './options.js';
import { budgetsTable } from './report/budgets.js';
import { headOf } from './report/head.js';
import { thisMachine, versionsOf } from './report/machine.js';
import { checkKeepable, keepResults } from './report/page.js';
import { failuresIn, type Results, type WorkloadResult } from './report/results.js';
import { oneLine, sectionOf } from './report/tables.js';
import { workloadsOf } from './workloads/all.js';

const startedAt = performance.now();
const options = readOptions(process.argv.slice(2));
let packed: readonly PackedPackage[] = [];
const workloads = await workloadsOf(options, options.workloads, { packed: () => packed });

packed = await packOurs();
if (workloads.some(({ entries }) => entries.some(({ group }) => group === 'peers'))) await installPeers();
pinLoad();

const heard: Heard = ({ workload, round, entry, seconds, failure }) => {
  const what = `${workload.letter} ${String(round + 1)}/${String(workload.rounds)} ${entry.name}`;
  const end = failure === undefined ? '' : `: FAILED, ${oneLine(failure)}`;
  process.stderr.write(`${what} (${seconds.toFixed(1)} s)${end}\n`);
};

const about = {
  mode: options.quick ? 'quick' : 'full',
  date: new Date().toISOString().slice(0, 10),
  machine: thisMachine(),
  versions: await versionsOf(),
} as const;
if (options.write) {
  await checkKeepable(
    about,
    workloads.map(({ letter }) => letter),
  );
}
console.log(`\n${headOf(about)}\n`);
const measured: WorkloadResult[] = [];
for (const workload of workloads) {
  const result = await measureWorkload(workload, heard);
  measured.push(result);
  console.log(`\n${sectionOf(result)}\n`);
}
const results: Results = { ...about, workloads: measured };
console.log(`\n### Budgets\n\n${budgetsTable(measured)}\n`);
const failures = failuresIn(results);
if (options.write) await keepResults(results);
const rows = measured.flatMap((result) => result.rows).length;
console.log(`${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`);
console.log(`${String(rows - failures)} measured, ${String(failures)} failed`);
process.exitCode = failures === 0 ? 0 : 1;
