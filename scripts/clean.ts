/* Removes everything that building and testing has left behind; installed packages stay. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './run.js';

const packages = await readdir(join(ROOT, 'packages'));
for (const folder of ['.', ...packages.map((name) => join('packages', name))]) {
  for (const left of ['dist', 'coverage']) {
    await rm(join(ROOT, folder, left), { recursive: true, force: true });
  }
}
