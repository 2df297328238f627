/* Everything that can be checked without building: runs all of it, then tells what failed. */
import { runTool } from './run.js';

const CHECKS: readonly (readonly [name: string, tool: string, ...args: string[]])[] = [
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint', 'eslint', '.'],
  ['types', 'tsc', '--noEmit'],
  ['types of core', 'tsc', '--noEmit', '-p', 'packages/core'],
  ['types of adapter-node', 'tsc', '--noEmit', '-p', 'packages/adapter-node'],
  ['types of adapter-fastify', 'tsc', '--noEmit', '-p', 'packages/adapter-fastify'],
  [
    'import law',
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'err',
    'packages',
    'examples',
    'tests',
  ],
  ['unused code', 'knip'],
  ['events page', 'tsx', 'scripts/events-page.ts'],
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
