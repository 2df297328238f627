/* What a published package.json says. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackedPackage } from './packed-packages.js';

const REPOSITORY = 'git+https://github.com/tessera-mcp/tessera.git';
const HOMEPAGE = 'https://tessera-mcp.github.io/tessera/';
const BUGS = 'https://github.com/tessera-mcp/tessera/issues';
const AUTHOR = 'The Tessera authors';

/** What users search for. */
const KEYWORDS = [
  'mcp',
  'model-context-protocol',
  'mcp-server',
  'multi-tenant',
  'multitenancy',
  'bearer',
  'bearer-token',
  'streamable-http',
];

const REQUIRED_FIELDS = [
  'name',
  'version',
  'description',
  'keywords',
  'homepage',
  'bugs',
  'license',
  'author',
  'repository',
  'type',
  'sideEffects',
  'engines',
  'exports',
  'publishConfig',
  'files',
];
const OTHER_FIELDS = [
  'scripts',
  'dependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'devDependencies',
];

/** Scripts that would run on a user's machine. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];

/** Everything that is wrong with the package.json in a tarball, one line each. */
export async function manifestProblems({ unpacked, directory, shortName }: PackedPackage): Promise<string[]> {
  const text = await readFile(join(unpacked, 'package.json'), 'utf8');
  const manifest = JSON.parse(text) as Record<string, unknown>;
  const framework = directory.startsWith('packages/adapter-') ? [shortName] : [];
  const expected: Record<string, unknown> = {
    name: `@tessera-mcp/${shortName}`,
    homepage: HOMEPAGE,
    bugs: { url: BUGS },
    license: 'MIT',
    author: AUTHOR,
    repository: { type: 'git', url: REPOSITORY, directory },
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20.19' },
    publishConfig: { access: 'public' },
    files: ['dist', 'CHANGELOG.md'],
  };
  const keywords = (manifest['keywords'] ?? []) as string[];
  const scripts = Object.keys(manifest['scripts'] ?? {});
  return [
    ...REQUIRED_FIELDS.filter((field) => !(field in manifest)).map((field) => `"${field}" is missing`),
    ...Object.keys(manifest)
      .filter((field) => ![...REQUIRED_FIELDS, ...OTHER_FIELDS].includes(field))
      .map((field) => `"${field}" is not expected`),
    ...Object.entries(expected)
      .filter(([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value))
      .map(([field, value]) => `"${field}" must be ${JSON.stringify(value)}`),
    ...[...KEYWORDS, ...framework]
      .filter((word) => !keywords.includes(word))
      .map((word) => `"keywords" lacks "${word}"`),
    ...scripts
      .filter((script) => INSTALL_SCRIPTS.includes(script))
      .map((script) => `the script "${script}" would run at users'`),
    ...[...text.matchAll(/"[^"]*(?:workspace|catalog):[^"]*"/g)].map(
      ([value]) => `${value} was not replaced`,
    ),
    ...textProblems(manifest),
    ...exportProblems(manifest['exports'] as Record<string, Record<string, string>>),
  ];
}

function textProblems({ description, version }: Record<string, unknown>): string[] {
  const problems: string[] = [];
  if (typeof description !== 'string' || description.length < 20)
    problems.push('"description" says too little');
  if (typeof version !== 'string' || !/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version)) {
    problems.push('"version" is no version');
  }
  return problems;
}

/** Types come first, because conditions are tried in their order. */
function exportProblems(exports: Record<string, Record<string, string>>): string[] {
  const problems: string[] = [];
  for (const [subpath, conditions] of Object.entries(exports)) {
    const { types = '', default: code = '' } = conditions;
    if (Object.keys(conditions).join() !== 'types,default') {
      problems.push(`exports["${subpath}"] must have "types" and then "default", and nothing else`);
    }
    if (!/^\.\/dist\/.+\.d\.ts$/.test(types) || types.replace(/\.d\.ts$/, '.js') !== code) {
      problems.push(`exports["${subpath}"] must lead to a pair of files in dist`);
    }
  }
  return problems;
}
