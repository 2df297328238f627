/* What importing a package adds to a bundle. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckFailed, type Note } from './checks.js';
import type { PackageEntry, PackedPackage } from './packed-packages.js';
import { runProgram, tool } from './programs.js';
import { SIZE_LIMITS } from './size-limits.js';

/** Dependencies that are imported when they are needed for the first time. */
const LOADED_LATER: ReadonlySet<string> = new Set(['@modelcontextprotocol/server']);

interface Measured {
  readonly name: string;
  readonly passed: boolean;
  readonly size: number;
  readonly sizeLimit: number;
}

/**
 * Measures every entry of a package with size-limit. Packages of ours, peers, and what is loaded later stay outside: they are
 * measured on their own, are there anyway, or may never come.
 *
 * @throws CheckFailed with everything that weighs too much, or has no limit
 */
export async function checkSizes(packed: PackedPackage, note: Note): Promise<void> {
  const file = join(packed.unpacked, '..', `${packed.shortName}.size-limit.json`);
  await writeFile(file, JSON.stringify(packed.entries.flatMap((entry) => checksOf(packed, entry))));
  // It ends with 1 when a limit is broken; what it measured is printed all the same.
  const { stdout } = await runProgram(tool('size-limit'), ['--json', '--config', file], { accept: [0, 1] });
  const measured = JSON.parse(stdout) as Measured[];
  if (!Array.isArray(measured)) throw new CheckFailed(stdout);
  for (const { name, size, sizeLimit } of measured) note(`${name}: ${shown(size)} of ${shown(sizeLimit)}`);
  CheckFailed.ifAny(
    measured
      .filter(({ passed }) => !passed)
      .map(({ name, size, sizeLimit }) => `${name} weighs ${shown(size)}, and may weigh ${shown(sizeLimit)}`),
  );
}

function checksOf({ unpacked, packedManifest }: PackedPackage, { specifier, code }: PackageEntry): object[] {
  const limits = SIZE_LIMITS.filter((limit) => limit.specifier === specifier);
  if (limits.length === 0)
    throw new CheckFailed(`${specifier} has no limit in scripts/publishing/size-limits.ts`);
  const { dependencies, peerDependencies } = packedManifest;
  // What is loaded only when the first request needs it is no part of what an import weighs.
  const others = Object.keys(dependencies ?? {}).filter(
    (name) => name.startsWith('@tessera-mcp/') || LOADED_LATER.has(name),
  );
  return limits.flatMap(({ names, gzip, brotli }) => {
    const check = {
      path: join(unpacked, code),
      ignore: ['node:*', ...others, ...Object.keys(peerDependencies ?? {})],
      ...(names === undefined ? {} : { import: names }),
    };
    const name = `${specifier}${names === undefined ? '' : ` ${names}`}`;
    return [
      { ...check, name: `${name}, gzip`, gzip: true, limit: `${String(gzip)} B` },
      { ...check, name: `${name}, brotli`, limit: `${String(brotli)} B` },
    ];
  });
}

function shown(bytes: number): string {
  return `${(bytes / 1000).toFixed(2)} kB`;
}
