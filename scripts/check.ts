/* Everything that can be checked without building: runs all of it, then tells what failed. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, runTool } from './run.js';

type Check = readonly [name: string, tool: string, ...args: string[]];

const PACKAGES = [...(await foldersIn('packages')), ...(await foldersIn('templates'))];

const CHECKS: readonly Check[] = [
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint', 'eslint', '.'],
  ['types', 'tsc', '--noEmit'],
  ...PACKAGES.map((folder): Check => [`types of ${folder}`, 'tsc', '--noEmit', '-p', folder]),
  [
    'import law',
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'err',
    'packages',
    'templates',
    'examples',
    'tests',
  ],
  ['unused code', 'knip'],
  ['adapters are thin', 'tsx', 'scripts/adapter-sizes.ts'],
  ['events page', 'tsx', 'scripts/events-page.ts'],
  ['snippets', 'tsx', 'scripts/sync-snippets.ts'],
  ['options tables', 'tsx', 'scripts/options-tables.ts'],
  ['links and paths', 'tsx', 'scripts/check-links.ts'],
];

let failed = 0;
for (const [name, tool, ...args] of CHECKS) {
  const startedAt = performance.now();
  const code = await runTool(tool, ...args);
  if (code !== 0) failed += 1;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
}
console.log(`${String(CHECKS.length - failed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function foldersIn(parent: string): Promise<string[]> {
  return (await readdir(join(ROOT, parent))).map((name) => `${parent}/${name}`);
}
