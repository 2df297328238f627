/* What an installation of core alone brings. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckFailed, type Note } from './checks.js';
import type { PackedPackage } from './packed-packages.js';
import { npmInstall } from './programs.js';
import { admits } from './version-range.js';

/** The oldest Node that the packages promise to run on. */
const OLDEST_NODE = '20.19.0';

/** How many packages core may bring: an event emitter, hashes, and an SDK with its core and its validation. */
const MOST = 5;

/** What npm keeps of an installed package. */
interface Locked {
  readonly version: string;
  readonly hasInstallScript?: boolean;
  readonly engines?: { readonly node?: string };
}

/** Installs a packed package alone into an empty folder, and returns the folder. */
export async function installAlone(packed: PackedPackage, target: string): Promise<string> {
  const folder = join(target, `${packed.shortName}-alone`);
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await npmInstall(folder, [packed.tarball]);
  return folder;
}

/**
 * Looks at everything that came with a package.
 *
 * @throws CheckFailed when it is too much, runs scripts, or does not want the oldest Node
 */
export async function checkTree(folder: string, name: string, note: Note): Promise<void> {
  const text = await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };
  const others = Object.entries(packages).filter(([path]) => path !== `node_modules/${name}`);
  for (const [path, { version, engines }] of Object.entries(packages)) {
    note(`${path.replace('node_modules/', '')} ${version}, Node ${engines?.node ?? 'any'}`);
  }
  CheckFailed.ifAny([
    ...(others.length > MOST
      ? [`${name} brings ${String(others.length)} packages, and may bring ${String(MOST)}`]
      : []),
    ...Object.entries(packages).flatMap(([path, locked]) => treeProblems(path, locked)),
  ]);
}

function treeProblems(path: string, { hasInstallScript, engines }: Locked): string[] {
  const range = engines?.node ?? '*';
  return [
    ...(hasInstallScript === true ? [`${path} runs a script when it is installed`] : []),
    ...(admits(range, OLDEST_NODE) ? [] : [`${path} wants Node ${range}, not ${OLDEST_NODE}`]),
  ];
}
