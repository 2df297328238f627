/* What may be in a tarball, and what must be in it. */
import { readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { CheckFailed } from './checks.js';
import { manifestProblems } from './manifest-rules.js';
import type { PackedPackage } from './packed-packages.js';

const PAPERS = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
const BUILT = /^dist\/(?:[\w-]+\/)*[\w.-]+\.(?:js|d\.ts)(?:\.map)?$/;

/** Papers that are there before the first release; CHANGELOG.md is written by it. */
const REQUIRED = ['package.json', 'README.md', 'LICENSE'];

/**
 * Checks the files of a tarball and its package.json.
 *
 * @throws CheckFailed with everything that is wrong
 */
export async function checkTarball(packed: PackedPackage): Promise<void> {
  CheckFailed.ifAny([
    ...fileProblems(packed),
    ...(await mapProblems(packed)),
    ...(await bundlingProblems(packed)),
    ...(await manifestProblems(packed)),
  ]);
}

function fileProblems({ files, entries }: PackedPackage): string[] {
  const paths = new Set(files.map(({ path }) => path));
  const needed = [...REQUIRED, ...entries.flatMap(({ types, code }) => [types, code])];
  return [
    ...[...paths]
      .filter((path) => !PAPERS.includes(path) && !BUILT.test(path))
      .map((path) => `${path} does not belong into a tarball`),
    ...needed.filter((path) => !paths.has(path)).map((path) => `${path} is missing`),
    ...files.filter(({ size }) => size === 0).map(({ path }) => `${path} is empty`),
  ];
}

/** Every source map must lead to a file in the tarball, and every mention of a map to a map. */
async function mapProblems({ unpacked, files }: PackedPackage): Promise<string[]> {
  const paths = new Set(files.map(({ path }) => path));
  const problems: string[] = [];
  for (const { path } of files.filter((file) => file.path.startsWith('dist/'))) {
    const text = await readFile(join(unpacked, path), 'utf8');
    const targets = path.endsWith('.map')
      ? (JSON.parse(text) as { sources: string[] }).sources
      : [...text.matchAll(/^\/\/# sourceMappingURL=(\S+)$/gm)].map(([, target = '']) => target);
    for (const target of targets) {
      const file = posix.join(dirname(path), target);
      if (!paths.has(file)) problems.push(`${path} points to ${file}, which is not in the tarball`);
    }
  }
  return problems;
}

/** A bundled copy of somebody else's code comes without its licence, and twice where the user has it too. */
async function bundlingProblems({ unpacked, files }: PackedPackage): Promise<string[]> {
  const problems: string[] = [];
  for (const { path } of files.filter((file) => file.path.endsWith('.js'))) {
    const text = await readFile(join(unpacked, path), 'utf8');
    const sources = [...text.matchAll(/^\/\/ (\S*node_modules\/\S+)$/gm)].map(([, source = '']) => source);
    problems.push(...sources.map((source) => `${path} has a copy of ${source}: make it a dependency`));
  }
  return problems;
}
