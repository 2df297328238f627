/*
 * Shows what a release would publish, in the order it would: without publishing, and without asking a registry. The
 * last line is `N passed, N failed`; it fails when something must be done before.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checks, type Note } from './publishing/checks.js';
import { packAll } from './publishing/pack-all.js';
import type { PackedPackage } from './publishing/packed-packages.js';
import { changelogEntry, checkRelease, notePending } from './publishing/release-rules.js';
import { checkTarball } from './publishing/tarball-rules.js';
import { publicPackages } from './publishing/workspace-packages.js';

const checks = new Checks();
const target = await mkdtemp(join(tmpdir(), 'tessera-release-'));
try {
  await checks.run('changesets', notePending);
  const packed = await packAll(await publicPackages(), target, checks);
  for (const one of packed) {
    await checks.run(`${one.shortName}: contents of the tarball`, () => checkTarball(one));
    await checks.run(`${one.shortName}: release`, async (note) => {
      await show(one, note);
      await checkRelease(one, packed);
    });
  }
} finally {
  await rm(target, { recursive: true });
}
checks.finish();

async function show(packed: PackedPackage, note: Note): Promise<void> {
  const { name, version, publishConfig, dependencies, peerDependencies } = packed.packedManifest;
  note(`${name}@${version}`);
  const [, prerelease] = /-([a-z]+)/.exec(version) ?? [];
  note(
    `access ${publishConfig?.access ?? 'restricted'}, tag ${publishConfig?.tag ?? prerelease ?? 'latest'}`,
  );
  note(`tarball ${kilobytes(packed.tarballSize)}`);
  for (const { path, size } of packed.files) note(`  ${path} ${kilobytes(size)}`);
  note('dependencies');
  for (const line of listed(dependencies)) note(line);
  note('peers');
  for (const line of listed(peerDependencies)) note(line);
  note('changelog');
  for (const line of ((await changelogEntry(packed)) ?? '(nothing)').split('\n')) note(`  ${line}`.trimEnd());
}

function listed(ranges: Readonly<Record<string, string>> = {}): string[] {
  const lines = Object.entries(ranges).map(([name, range]) => `  ${name} ${range}`);
  return lines.length === 0 ? ['  (none)'] : lines;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
