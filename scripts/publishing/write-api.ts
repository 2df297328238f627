/* Writes docs/api: the public declarations of every entry of the published packages, from what would be published. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftOverReports, writeReports } from './api-reports.js';
import { Checks } from './checks.js';
import { packAll } from './pack-all.js';
import { publicPackages } from './workspace-packages.js';
import { only } from './only.js';

const checks = new Checks();
const target = await mkdtemp(join(tmpdir(), 'tessera-api-'));
try {
  const all = await publicPackages();
  const packed = await packAll(only(all), target, checks);
  for (const one of packed) await checks.run(`${one.shortName}: API report`, () => writeReports(one));
  if (packed.length === all.length) for (const file of await leftOverReports(packed)) await rm(file);
} finally {
  await rm(target, { recursive: true });
}
checks.finish();
