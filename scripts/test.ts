/* Runs the whole suite. The last line is `N passed, N failed, N skipped`, with the true totals. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run.js';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  success: boolean;
}

const folder = await mkdtemp(join(tmpdir(), 'tessera-test-'));
const file = join(folder, 'report.json');
try {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runTool('vitest', 'run', ...reporters, ...process.argv.slice(2));
  const report = JSON.parse(await readFile(file, 'utf8')) as Report;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
  // A file that could not even be loaded, or an error outside of any test, counts as one failure.
  const failed = numFailedTests === 0 && (code !== 0 || !report.success) ? 1 : numFailedTests;
  const skipped = numPendingTests + numTodoTests;
  console.log(`${String(numPassedTests)} passed, ${String(failed)} failed, ${String(skipped)} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
