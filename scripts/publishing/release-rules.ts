/* What must be true of a package before it can be released. */
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../run.js';
import { CheckFailed, type Note } from './checks.js';
import type { PackedPackage } from './packed-packages.js';
import { admits } from './version-range.js';

const CHANGESETS = join(ROOT, '.changeset');

/** What changesets announce that no version contains yet: it is not in what would be published now. */
export async function notePending(note: Note): Promise<void> {
  // While prereleases are made, changesets stay, and those that a version contains are listed.
  const pre = join(CHANGESETS, 'pre.json');
  const done = existsSync(pre)
    ? (JSON.parse(await readFile(pre, 'utf8')) as { changesets: string[] })
    : undefined;
  const pending = (await readdir(CHANGESETS)).filter(
    (name) =>
      name.endsWith('.md') &&
      name !== 'README.md' &&
      done?.changesets.includes(name.replace(/\.md$/, '')) !== true,
  );
  for (const name of pending)
    note(`.changeset/${name} is for the next release; "pnpm release:version" makes it one`);
  if (pending.length === 0) note('everything that changesets announce is in a version');
}

/** @throws CheckFailed with everything that keeps the package from being released */
export async function checkRelease(packed: PackedPackage, all: readonly PackedPackage[]): Promise<void> {
  const { version } = packed.packedManifest;
  CheckFailed.ifAny([
    ...(version === '0.0.0' ? ['0.0.0 is what a package has before its first release'] : []),
    ...((await changelogEntry(packed)) === undefined ? [`CHANGELOG.md says nothing of ${version}`] : []),
    ...rangeProblems(packed, all),
  ]);
}

/** What the changelog in the tarball says of the version in the tarball. */
export async function changelogEntry({
  unpacked,
  packedManifest,
}: PackedPackage): Promise<string | undefined> {
  const file = join(unpacked, 'CHANGELOG.md');
  if (!existsSync(file)) return undefined;
  const sections = (await readFile(file, 'utf8')).split(/^## /m).slice(1);
  const [first = ''] = sections;
  const [title = '', ...lines] = first.split('\n');
  const text = lines.join('\n').trim();
  return title.trim() === packedManifest.version && text !== '' ? text : undefined;
}

/** A package must accept the versions of ours that are released with it. */
function rangeProblems({ packedManifest }: PackedPackage, all: readonly PackedPackage[]): string[] {
  const needed = { ...packedManifest.dependencies, ...packedManifest.peerDependencies };
  return Object.entries(needed).flatMap(([name, range]) => {
    const other = all.find((one) => one.packedManifest.name === name);
    if (other === undefined) {
      return name.startsWith('@tessera-mcp/') ? [`${name} is needed, and not released`] : [];
    }
    const { version } = other.packedManifest;
    const fits = [version, `^${version}`].includes(range) || admits(range, version);
    return fits ? [] : [`${name} ${range} does not admit ${version}`];
  });
}
