/* Programs of users: installed from the tarballs into empty folders, compiled as strictly as can be, and run. */
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCatalog } from './catalog.js';
import { CheckFailed, type Checks } from './checks.js';
import type { PackedPackage } from './packed-packages.js';
import { npmInstall, runProgram, tool } from './programs.js';
import { readQuickStart, withRunning } from './quick-start.js';

const CONSUMERS = fileURLToPath(new URL('consumers', import.meta.url));

/** A folder of `consumers`, and what is expected of it. */
export interface Consumer {
  readonly name: string;
  /** Programs that are run, relative to the folder; `out` has what was compiled. */
  readonly programs: readonly string[];
  /** The page whose first program is compiled and called. */
  readonly quickStart?: string;
  /** Packages that must not have come with the others. */
  readonly absent: readonly string[];
}

export const CONSUMER_LIST: readonly Consumer[] = [
  {
    name: 'sdk-v1',
    programs: ['out/mounts.mjs'],
    quickStart: 'README.md',
    // Core brings what serves the stateless era; a program with servers of SDK v1 needs nothing else of SDK v2.
    absent: ['@modelcontextprotocol/client'],
  },
  {
    name: 'sdk-v2',
    programs: ['out/mounts.mjs'],
    quickStart: 'packages/adapter-node/README.md',
    absent: ['@modelcontextprotocol/sdk'],
  },
  {
    name: 'both-sdks',
    programs: ['out/mounts.mjs', 'out/in-memory.mjs'],
    quickStart: 'README.md',
    absent: [],
  },
  { name: 'commonjs', programs: ['out/mounts.cjs', 'plain.cjs'], absent: [] },
];

/** Installs, compiles and runs one consumer. */
export async function checkConsumer(
  consumer: Consumer,
  packages: readonly PackedPackage[],
  target: string,
  checks: Checks,
): Promise<void> {
  const { name, programs, quickStart, absent } = consumer;
  const missing = await packagesMissing(name, packages);
  if (missing.length > 0) {
    console.log(`left   consumer ${name}: it needs ${missing.join(', ')}`);
    return;
  }
  const folder = join(target, 'consumers', name);
  const installed = await checks.run(`consumer ${name}: install`, async () => {
    await prepare(name, folder, packages);
    await npmInstall(folder);
    await checkInstalled(folder, absent);
    return true;
  });
  if (installed !== true) return;
  const compiled = await checks.run(`consumer ${name}: types`, async () => {
    if (quickStart !== undefined) {
      const { code } = await readQuickStart(quickStart);
      await writeFile(join(folder, 'quick-start.mts'), code);
    }
    for (const config of (await readdir(folder)).filter((file) => /^tsconfig.*\.json$/.test(file))) {
      await runProgram(tool('tsc'), ['-p', join(folder, config), '--pretty', 'false']);
    }
    return true;
  });
  if (compiled !== true) return;
  for (const program of programs) {
    await checks.run(`consumer ${name}: ${program}`, () =>
      runProgram(process.execPath, [program], { cwd: folder, timeout: 60_000 }),
    );
  }
  if (quickStart === undefined) return;
  await checks.run(`consumer ${name}: quick start of ${quickStart}`, async () => {
    const { token } = await readQuickStart(quickStart);
    await withRunning(folder, 'out/quick-start.mjs', (url) =>
      runProgram(process.execPath, ['out/calls.mjs', url, token], { cwd: folder, timeout: 60_000 }),
    );
  });
}

interface ConsumerManifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

async function packagesMissing(name: string, packages: readonly PackedPackage[]): Promise<string[]> {
  const { dependencies } = await readConsumer(name);
  const there = new Set(packages.map(({ packedManifest }) => packedManifest.name));
  return Object.keys(dependencies).filter(
    (dependency) => dependency.startsWith('@tessera-mcp/') && !there.has(dependency),
  );
}

async function readConsumer(name: string): Promise<ConsumerManifest> {
  return JSON.parse(await readFile(join(CONSUMERS, name, 'package.json'), 'utf8')) as ConsumerManifest;
}

/** Copies a consumer, and puts in versions: tarballs for packages of ours, the workspace's versions for others. */
async function prepare(name: string, folder: string, packages: readonly PackedPackage[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(join(CONSUMERS, name), folder, { recursive: true });
  await cp(join(CONSUMERS, 'shared'), join(folder, 'shared'), { recursive: true });
  const catalog = await readCatalog();
  const tarballs = new Map(packages.map((one) => [one.packedManifest.name, `file:${one.tarball}`]));
  const manifest = await readConsumer(name);
  const dependencies = Object.fromEntries(
    Object.keys(manifest.dependencies).map((dependency) => {
      const version = tarballs.get(dependency) ?? catalog.get(dependency);
      if (version === undefined) throw new CheckFailed(`The catalog has no version of ${dependency}.`);
      return [dependency, version];
    }),
  );
  const ours = Object.keys(dependencies).filter((dependency) => tarballs.has(dependency));
  const overrides = Object.fromEntries(ours.map((dependency) => [dependency, `$${dependency}`]));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ ...manifest, dependencies, overrides }, null, 2),
  );
}

/** Nothing of ours may have come from elsewhere, and nothing that a consumer does without may have come at all. */
async function checkInstalled(folder: string, absent: readonly string[]): Promise<void> {
  const text = await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { resolved?: string }> };
  const problems = Object.entries(packages)
    .filter(
      ([path, { resolved }]) => path.includes('@tessera-mcp/') && resolved?.startsWith('file:') !== true,
    )
    .map(([path]) => `${path} does not come from a tarball`);
  for (const name of absent) {
    const came = Object.keys(packages).filter((path) => path.endsWith(`node_modules/${name}`));
    problems.push(...came.map((path) => `${path} must not be needed`));
    if (existsSync(join(folder, 'node_modules', name))) problems.push(`${name} is there`);
  }
  CheckFailed.ifAny(problems);
}
