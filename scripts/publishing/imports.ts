/* What the published files import. */
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { CheckFailed } from './checks.js';
import type { PackedPackage } from './packed-packages.js';

/**
 * Code and declarations import only what the package lists, or its own files. No declaration knows an SDK, because
 * users have either of them, and core knows nothing of Node.
 *
 * @throws CheckFailed with every import that breaks the rule
 */
export async function checkImports(packed: PackedPackage): Promise<void> {
  const { name, dependencies, peerDependencies } = packed.packedManifest;
  const listed = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies })]);
  const paths = new Set(packed.files.map(({ path }) => path));
  const problems: string[] = [];
  for (const path of [...paths].filter((file) => /\.(?:js|d\.ts)$/.test(file))) {
    for (const specifier of await importsOf(join(packed.unpacked, path))) {
      const problem = specifier.startsWith('.')
        ? relativeProblem(posix.join(dirname(path), specifier), paths)
        : (packageProblem(specifier, path, listed) ?? nodeProblem(specifier, packed));
      if (problem !== undefined) problems.push(`${path} imports ${specifier}: ${problem}`);
    }
  }
  CheckFailed.ifAny(problems);
}

async function importsOf(file: string): Promise<string[]> {
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(
    await readFile(file, 'utf8'),
    true,
    true,
  );
  return [...importedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName);
}

function relativeProblem(file: string, paths: ReadonlySet<string>): string | undefined {
  const found = paths.has(file) || paths.has(file.replace(/\.js$/, '.d.ts'));
  return found ? undefined : 'it is not in the tarball';
}

function nodeProblem(specifier: string, { shortName }: PackedPackage): string | undefined {
  return shortName === 'core' && specifier.startsWith('node:')
    ? 'core runs where there is no Node'
    : undefined;
}

function packageProblem(specifier: string, path: string, listed: ReadonlySet<string>): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (builtinModules.includes(specifier)) return 'modules of Node are named with node:';
  const [, name = ''] = /^((?:@[^/]+\/)?[^/]+)/.exec(specifier) ?? [];
  if (path.endsWith('.d.ts') && name.startsWith('@modelcontextprotocol/')) {
    return 'a published declaration must not need an SDK';
  }
  return listed.has(name) ? undefined : 'the package does not list it';
}
