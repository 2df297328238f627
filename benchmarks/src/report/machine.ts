import { arch, cpus, release, totalmem, type } from 'node:os';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicPackages } from '../../../scripts/publishing/workspace-packages.js';
import { arePinned } from '../candidates/cpus.js';
import { BENCHMARKS, versionInReach } from '../candidates/prepare.js';

/** Where a run was made; nothing that tells whose machine it is. */
export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Whether server and load had a CPU each. */
  readonly pinned: boolean;
}

/** What candidates of this project and the floors are written with. */
const OURS_WITH = [
  '@modelcontextprotocol/sdk',
  '@modelcontextprotocol/server',
  'zod',
  'fastify',
  'express',
  'hono',
  '@hono/node-server',
];

/** The machine that this is. */
export function thisMachine(): Machine {
  return {
    node: process.versions.node,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    // Not `availableParallelism()`, which is of this process, and that has one CPU.
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('.').slice(0, 2).join('.')} ${arch()}`,
    pinned: arePinned(),
  };
}

/** Versions of what is measured; a peer's is said apart where it has another one than ours. */
export async function versionsOf(): Promise<Record<string, string>> {
  const packages = (await publicPackages()).filter(({ shortName }) => shortName !== 'testing');
  const ours = packages.map(({ manifest }) => [manifest.name, manifest.version] as const);
  const used = await Promise.all(OURS_WITH.map(async (name) => [name, await versionInReach(name)] as const));
  const versions: Record<string, string> = Object.fromEntries([...ours, ...used]);
  for (const [name, version] of Object.entries(await peerVersions())) {
    if (versions[name] === version) continue;
    versions[name in versions ? `${name} (peers)` : name] = version;
  }
  return versions;
}

/** The versions that the peers are written with, which are exact ones. */
export async function peerVersions(): Promise<Readonly<Record<string, string>>> {
  const manifest = await readFile(join(BENCHMARKS, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { dependencies: Record<string, string> }).dependencies;
}
