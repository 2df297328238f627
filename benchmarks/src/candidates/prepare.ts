import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checks } from '../../../scripts/publishing/checks.js';
import { packAll } from '../../../scripts/publishing/pack-all.js';
import type { PackedPackage } from '../../../scripts/publishing/packed-packages.js';
import { pnpm } from '../../../scripts/publishing/programs.js';
import {
  publicPackages,
  readManifest,
  type Manifest,
} from '../../../scripts/publishing/workspace-packages.js';
import { ROOT } from '../../../scripts/run.js';

/** The folder of the benchmark. */
export const BENCHMARKS: string = fileURLToPath(new URL('../..', import.meta.url));

const PACKED = join(BENCHMARKS, '.packed');

/** What candidates of this project and floors import that no package of it has in its published manifest, and where it is. */
const EXTRA: Readonly<Record<string, string>> = {
  zod: 'packages/core/node_modules/zod',
  '@modelcontextprotocol/sdk': 'packages/core/node_modules/@modelcontextprotocol/sdk',
  '@hono/node-server': 'packages/adapter-hono/node_modules/@hono/node-server',
};

const WITH_ADAPTERS = ['core', 'node', 'express', 'fastify', 'hono'];

/**
 * Builds and packs packages, and puts them in reach of the candidates as users get them. Nothing is installed.
 *
 * @param names without their scope; default: core and every adapter
 */
export async function packOurs(names: readonly string[] = WITH_ADAPTERS): Promise<readonly PackedPackage[]> {
  await rm(PACKED, { recursive: true, force: true });
  await mkdir(PACKED, { recursive: true });
  const checks = new Checks();
  const packages = (await publicPackages()).filter(({ shortName }) => names.includes(shortName));
  const packed = await packAll(packages, PACKED, checks);
  if (!checks.ok) throw new Error('The packages could not be packed.');
  const modules = join(PACKED, 'unpacked/node_modules');
  for (const [name, place] of Object.entries(EXTRA)) {
    if (existsSync(join(modules, name))) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, place), join(modules, name), 'junction');
  }
  for (const group of ['ours', 'floors']) {
    const link = join(BENCHMARKS, 'candidates', group, 'node_modules');
    await rm(link, { force: true });
    await symlink(modules, link, 'junction');
  }
  return packed;
}

/** Installs the peers, by the lock of this folder. */
export async function installPeers(): Promise<void> {
  const manifest = (await readManifest(ROOT)) as Manifest & { readonly packageManager: string };
  const quietly = ['--frozen-lockfile', '--prefer-offline'];
  await pnpm(['install', '--dir', BENCHMARKS, ...quietly], BENCHMARKS, manifest.packageManager);
}

/** The version of a package as candidates of this project and floors get it. */
export async function versionInReach(name: string): Promise<string> {
  const { version } = await readManifest(join(PACKED, 'unpacked/node_modules', name));
  return version;
}
