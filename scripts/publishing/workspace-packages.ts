import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../run.js';

/** What of a package.json is looked at here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly publishConfig?: { readonly access?: string; readonly tag?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A package of this workspace that is published. */
export interface WorkspacePackage {
  /** Its name without the scope: `core`, `fastify`. */
  readonly shortName: string;
  /** Its folder, relative to the project: `packages/adapter-fastify`. */
  readonly directory: string;
  /** The same, absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Reads a package.json. */
export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The packages that are published, each after those it depends on. */
export async function publicPackages(): Promise<WorkspacePackage[]> {
  const found: WorkspacePackage[] = [];
  for (const name of (await readdir(join(ROOT, 'packages'))).sort()) {
    const directory = `packages/${name}`;
    const folder = join(ROOT, directory);
    const manifest = await readManifest(folder);
    if (manifest.private === true) continue;
    found.push({ shortName: manifest.name.replace(/^@[^/]+\//, ''), directory, folder, manifest });
  }
  return inDependencyOrder(found);
}

function inDependencyOrder(packages: readonly WorkspacePackage[]): WorkspacePackage[] {
  const ordered = new Set<WorkspacePackage>();
  const add = (one: WorkspacePackage): void => {
    const needed = { ...one.manifest.dependencies, ...one.manifest.peerDependencies };
    for (const other of packages) {
      if (other.manifest.name in needed && !ordered.has(other)) add(other);
    }
    ordered.add(one);
  };
  packages.forEach(add);
  return [...ordered];
}
