/* What importing a package does besides: nothing. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CheckFailed, type Note } from './checks.js';
import type { PackedPackage } from './packed-packages.js';
import { runProgram } from './programs.js';

const PROBE = fileURLToPath(new URL('import-probe.mjs', import.meta.url));

/** What Node uses to load modules from files. */
const LOADING = new Set([
  'PROMISE',
  'FSREQPROMISE',
  'FSREQCALLBACK',
  'TickObject',
  'Microtask',
  'FILEHANDLE',
  'FILEHANDLECLOSEREQ',
]);

/** A process with nothing left to do ends within a few milliseconds; this is for busy machines. */
const END_MS = 1000;

/** How long a process may take that imports something. */
const PATIENCE_MS = 20_000;

/** What `import-probe.mjs` writes down. */
interface ProbeReport {
  readonly exports: number;
  readonly environment: readonly string[];
  readonly changes: readonly string[];
  readonly listenersBefore: readonly string[];
  readonly listeners: readonly string[];
  readonly activeBefore: readonly string[];
  readonly active: readonly string[];
  readonly resources: readonly string[];
  /** Milliseconds from the end of the import to the end of the process; missing when it did not end by itself. */
  readonly lingered?: number;
}

/**
 * Imports every entry of a package in a process of its own. Peers, which are other people's, are imported before.
 *
 * @param folder where the packages are in reach
 * @throws CheckFailed with everything that an import has done
 */
export async function checkEffects(packed: PackedPackage, folder: string): Promise<void> {
  const probe = `${packed.shortName}.probe.mjs`;
  await copyFile(PROBE, join(folder, probe));
  const peers = Object.keys(packed.packedManifest.peerDependencies ?? {});
  const problems: string[] = [];
  for (const entry of packed.entries) {
    const file = `${entry.slug}.effects.json`;
    const { stdout, stderr } = await runProgram(process.execPath, [probe, file, entry.specifier, ...peers], {
      cwd: folder,
      timeout: PATIENCE_MS,
      // One that does not end by itself is told about below.
      accept: [0, 'SIGKILL'],
    });
    const report = JSON.parse(await readFile(join(folder, file), 'utf8')) as ProbeReport;
    const found = [...effects(report), ...(stdout + stderr === '' ? [] : [`prints: ${stdout}${stderr}`])];
    problems.push(...found.map((effect) => `importing ${entry.specifier} ${effect}`));
  }
  CheckFailed.ifAny(problems);
}

function effects(report: ProbeReport): string[] {
  return [
    ...(report.exports === 0 ? ['exports nothing'] : []),
    ...report.environment.map((read) => `touches the environment: ${read}`),
    ...report.changes.map((change) => `touches what everybody shares: ${change}`),
    ...added(report.listenersBefore, report.listeners).map((one) => `listens to the process: ${one}`),
    ...added(report.activeBefore, report.active).map((one) => `keeps something open: ${one}`),
    ...report.resources.filter((type) => !LOADING.has(type)).map((type) => `makes a ${type}`),
    ...(report.lingered === undefined ? ['keeps the process alive'] : []),
    ...(Number(report.lingered) > END_MS
      ? [`lets the process linger for ${String(report.lingered)} ms`]
      : []),
  ];
}

function added(before: readonly string[], after: readonly string[]): string[] {
  const left = [...before];
  return after.filter((one) => {
    const index = left.indexOf(one);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

/** Measures how much longer a process takes that imports an entry: than a bare one, and than one with its peers. */
export async function measureImports(
  packages: readonly PackedPackage[],
  folder: string,
  note: Note,
): Promise<void> {
  const entries = packages.flatMap((one) =>
    one.entries.map((entry) => ({
      specifier: entry.specifier,
      peers: Object.keys(one.packedManifest.peerDependencies ?? {}),
    })),
  );
  const programs = [[], ...entries.flatMap(({ specifier, peers }) => [peers, [...peers, specifier]])];
  const best = await bestOfFive(folder, programs);
  const timeOf = (specifiers: readonly string[]): number => best.get(specifiers.join()) ?? NaN;
  const bare = timeOf([]);
  note(`bare Node: ${bare.toFixed(0)} ms`);
  for (const { specifier, peers } of entries) {
    const others = timeOf(peers);
    const own = `${specifier}: ${(timeOf([...peers, specifier]) - others).toFixed(0)} ms`;
    note(peers.length === 0 ? own : `${own}, after ${(others - bare).toFixed(0)} ms for ${peers.join(', ')}`);
  }
}

/** The shortest time of five for each program, a list of what it imports. Rounds, so that all meet the same weather. */
async function bestOfFive(
  folder: string,
  programs: readonly (readonly string[])[],
): Promise<ReadonlyMap<string, number>> {
  const files = new Map<string, string>();
  for (const specifiers of programs) {
    const name = specifiers.join();
    const file = `import${name.replace(/\W+/g, '-')}.mjs`;
    await writeFile(join(folder, file), specifiers.map((specifier) => `import '${specifier}';\n`).join(''));
    files.set(name, file);
  }
  const best = new Map<string, number>();
  for (let round = 0; round < 5; round += 1) {
    for (const [name, file] of files) {
      const { duration } = await runProgram(process.execPath, [file], { cwd: folder, timeout: PATIENCE_MS });
      best.set(name, Math.min(duration, best.get(name) ?? Infinity));
    }
  }
  return best;
}
