/*
 * Whether the packages can be published: builds and packs them, and looks at what users would get. The last line is
 * `N passed, N failed`, with the true totals. `--only core,node` looks at some of them.
 */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareReports, leftOverReports } from './publishing/api-reports.js';
import { CheckFailed, Checks, inPairs } from './publishing/checks.js';
import { CONSUMER_LIST, checkConsumer } from './publishing/consumers.js';
import { checkEffects, measureImports } from './publishing/import-effects.js';
import { checkImports } from './publishing/imports.js';
import { runAttw, runPublint } from './publishing/linters.js';
import { only } from './publishing/only.js';
import type { PackedPackage } from './publishing/packed-packages.js';
import { packAll } from './publishing/pack-all.js';
import { checkTree, installAlone } from './publishing/production-tree.js';
import { checkSizes } from './publishing/sizes.js';
import { checkTarball } from './publishing/tarball-rules.js';
import { publicPackages } from './publishing/workspace-packages.js';

const checks = new Checks();
const target = await realpath(await mkdtemp(join(tmpdir(), 'tessera-dist-')));
try {
  const all = await publicPackages();
  const packed = await packAll(only(all), target, checks);
  if (packed.length > 0) await checkPacked(packed);
  if (packed.length === all.length) {
    await checks.run('API reports: none is left over', async () => {
      CheckFailed.ifAny(await leftOverReports(packed));
    });
  }
} finally {
  await rm(target, { recursive: true });
}
checks.finish();

async function checkPacked(packed: readonly PackedPackage[]): Promise<void> {
  const unpacked = join(target, 'unpacked');
  await inPairs(packed, async (one) => {
    const { shortName } = one;
    await checks.run(`${shortName}: contents of the tarball`, () => checkTarball(one));
    await checks.run(`${shortName}: what its files import`, () => checkImports(one));
    await checks.run(`${shortName}: publint`, () => runPublint(one));
    await checks.run(`${shortName}: types for every way to import`, () => runAttw(one));
    await checks.run(`${shortName}: API report`, () => compareReports(one));
    await checks.run(`${shortName}: size`, (note) => checkSizes(one, note));
    await checks.run(`${shortName}: an import touches nothing`, () => checkEffects(one, unpacked));
  });
  for (const core of packed.filter(({ shortName }) => shortName === 'core')) {
    await checks.run('core: what it brings', async (note) => {
      await checkTree(await installAlone(core, target), core.packedManifest.name, note);
    });
  }
  await checks.run('time of imports', (note) => measureImports(packed, unpacked, note));
  await inPairs(CONSUMER_LIST, (consumer) => checkConsumer(consumer, packed, target, checks));
}
