import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackedPackage } from '../../../scripts/publishing/packed-packages.js';
import { npmInstall, runProgram } from '../../../scripts/publishing/programs.js';
import { pinned, SERVER_CPU } from '../candidates/cpus.js';
import { ourInstallables, type Installable } from './footprint-packages.js';
import type { Plan } from './plan.js';
import type { Entry, Figures, Workload } from './workload.js';

const BARE = 'node alone';

/** (g) What it takes to start and to install. */
export function footprint(
  plan: Plan,
  packed: () => readonly PackedPackage[],
  peers: readonly Installable[],
): Workload {
  const installed = new Map<string, Installed>();
  let folder = '';
  const names = plan.quick ? ['@tessera-mcp/core', '@tessera-mcp/node'] : undefined;
  const isWanted = ({ name }: { readonly name: string }): boolean => names?.includes(name) ?? true;
  const wanted = [...OURS, ...(plan.quick ? [] : peers)].filter(isWanted);
  return {
    letter: 'g',
    title: 'Start-up and size',
    about:
      'Each is installed by npm into an empty folder, with what a program that serves with it has beside it; `import` is of that, in a new process, over a process that imports nothing. `packages`: how many come besides the one that is named.',
    rounds: plan.quick ? 5 : 9,
    base: BARE,
    columns: [
      { heading: 'import ms over bare node', figures: ['import'], as: 'over', range: true, compared: true },
      { heading: 'RSS MiB over bare node', figures: ['rss'], as: 'over', digits: 1, compared: true },
      { heading: 'installed MiB', figures: ['size'], as: 'value', digits: 1, compared: true },
      { heading: 'packages', figures: ['packages'], as: 'value', compared: true },
    ],
    entries: [
      { name: BARE, group: 'floors', measure: () => start(tmpdir(), []) },
      ...wanted.map(({ name, group }): Entry => ({
        name,
        group,
        measure: () => startInstalled(installed.get(name)),
      })),
    ],
    prepare: async () => {
      folder = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
      const all = [...ourInstallables(packed()), ...peers].filter(isWanted);
      for (const [index, one] of all.entries()) {
        if (!wanted.some(({ name }) => name === one.name)) continue;
        installed.set(one.name, await install(one, join(folder, String(index))));
      }
    },
    cleanUp: async () => {
      if (folder !== '') await rm(folder, { recursive: true, force: true });
    },
  };
}

/** This project's packages before they are packed. */
const OURS = ['core', 'node', 'fastify', 'express', 'hono'].map((name) => ({
  name: `@tessera-mcp/${name}`,
  group: 'ours' as const,
}));

interface Installed extends Installable {
  readonly folder: string;
  readonly size: number;
  readonly packages: number;
}

async function install(one: Installable, folder: string): Promise<Installed> {
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await npmInstall(folder, one.install);
  const lock = await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lock) as { packages: Readonly<Record<string, unknown>> };
  return {
    ...one,
    folder,
    size: (await bytesBelow(join(folder, 'node_modules'))) / 2 ** 20,
    packages: Object.keys(packages).length - 1,
  };
}

async function startInstalled(installed: Installed | undefined): Promise<Figures> {
  if (installed === undefined) throw new Error('It was not installed.');
  const { folder, imports, size, packages } = installed;
  return { ...(await start(folder, imports)), size, packages };
}

/** Milliseconds of a process that imports something and ends, and what it has taken of memory then, in MiB. */
async function start(folder: string, imports: readonly string[]): Promise<Figures> {
  const program = [
    ...imports.map((name) => `await import(${JSON.stringify(name)});`),
    'process.stdout.write(String(process.memoryUsage.rss()));',
    // What was imported may keep a process alive.
    'process.exit(0);',
  ].join('\n');
  const [command = process.execPath, ...given] = pinned(SERVER_CPU, [
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]);
  const { stdout, duration } = await runProgram(command, given, { cwd: folder });
  return { import: duration, rss: Number(stdout) / 2 ** 20 };
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
