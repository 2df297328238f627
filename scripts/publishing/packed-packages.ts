import { mkdir, readdir, rename, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ROOT } from '../run.js';
import { CheckFailed } from './checks.js';
import { pnpm, runProgram, tool } from './programs.js';
import { readManifest, type Manifest, type WorkspacePackage } from './workspace-packages.js';

/** A file in a tarball. */
interface PackedFile {
  /** Relative to the package: `dist/index.js`. */
  readonly path: string;
  /** Bytes, unpacked. */
  readonly size: number;
}

/** A package as users get it. */
export interface PackedPackage extends WorkspacePackage {
  /** The path of the tarball. */
  readonly tarball: string;
  /** Its size in bytes. */
  readonly tarballSize: number;
  /** Where it is unpacked, in reach of its dependencies. */
  readonly unpacked: string;
  readonly files: readonly PackedFile[];
  /** Its package.json in the tarball: pnpm has put in what is only for publishing, and all versions. */
  readonly packedManifest: Manifest;
  readonly entries: readonly PackageEntry[];
}

/** One of the names under which a package can be imported. */
export interface PackageEntry {
  /** What users import: `@tessera-mcp/testing/conformance`. */
  readonly specifier: string;
  /** For names of files: `testing-conformance`. */
  readonly slug: string;
  /** Relative to the package. */
  readonly types: string;
  readonly code: string;
}

/** Builds a package into its own `dist`, which git ignores. */
export async function build({ folder }: WorkspacePackage): Promise<void> {
  await runProgram(tool('tsup'), [], { cwd: folder });
}

/** Packs a package into a folder, and unpacks it there. */
export async function pack(one: WorkspacePackage, target: string): Promise<PackedPackage> {
  const { packageManager } = (await readManifest(ROOT)) as Manifest & { packageManager: string };
  const place = join(target, 'tarballs', one.shortName);
  await mkdir(place, { recursive: true });
  await pnpm(['pack', '--pack-destination', place], one.folder, packageManager);
  const [name = ''] = (await readdir(place)).filter((file) => file.endsWith('.tgz'));
  const tarball = join(place, name);
  await runProgram('tar', ['-xf', tarball, '--no-same-owner', '-C', place]);
  const unpacked = join(target, 'unpacked', one.shortName);
  await mkdir(dirname(unpacked), { recursive: true });
  await rename(join(place, 'package'), unpacked);
  const packedManifest = await readManifest(unpacked);
  return {
    ...one,
    tarball,
    tarballSize: (await stat(tarball)).size,
    unpacked,
    files: await filesBelow(unpacked),
    packedManifest,
    entries: entriesOf(one.shortName, packedManifest),
  };
}

/**
 * Puts unpacked packages and what they depend on in reach of each other, as an installation would, without one:
 * links in a `node_modules` beside them.
 */
export async function linkDependencies(packages: readonly PackedPackage[], target: string): Promise<void> {
  const places = new Map([['@types/node', join(ROOT, 'node_modules/@types/node')]]);
  for (const { folder, packedManifest, manifest } of packages) {
    const types = Object.keys(manifest.devDependencies ?? {}).filter((name) => name.startsWith('@types/'));
    const needed = { ...packedManifest.dependencies, ...packedManifest.peerDependencies };
    for (const name of [...Object.keys(needed), ...types]) {
      places.set(name, join(folder, 'node_modules', name));
    }
  }
  for (const { packedManifest, unpacked } of packages) places.set(packedManifest.name, unpacked);
  for (const [name, place] of places) {
    const path = join(target, 'unpacked/node_modules', name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(place, path, 'junction');
  }
}

async function filesBelow(folder: string): Promise<PackedFile[]> {
  const files: PackedFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size } = await stat(path);
    files.push({ path: relative(folder, path).split(sep).join('/'), size });
  }
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function entriesOf(shortName: string, { name, exports }: Manifest): PackageEntry[] {
  return Object.entries(exports).map(([subpath, conditions]) => {
    const { types, default: code } = conditions as { types?: string; default?: string };
    if (types === undefined || code === undefined) {
      throw new CheckFailed(`${name}: exports["${subpath}"] must have "types" and "default" in the tarball.`);
    }
    const suffix = subpath.slice(2);
    return {
      specifier: suffix === '' ? name : `${name}/${suffix}`,
      slug: suffix === '' ? shortName : `${shortName}-${suffix.replaceAll('/', '-')}`,
      types: types.slice(2),
      code: code.slice(2),
    };
  });
}
