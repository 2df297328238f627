import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What to make. */
export interface NewPackage {
  /** The name of its folder, such as `adapter-koa`. */
  readonly name: string;
  /** The folder the project is in. */
  readonly root: string;
}

/** What was made. */
export interface MadePackage {
  /** Its folder below `packages/`. */
  readonly folder: string;
  readonly packageName: string;
  readonly files: readonly string[];
}

const LEFT_BEHIND = new Set(['node_modules', 'dist', 'coverage']);

/** Copies the template of an adapter, with the framework's name in every place of its own. */
export async function copyTemplate({ name, root }: NewPackage): Promise<MadePackage> {
  const [, framework] = /^adapter-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(name) ?? [];
  if (framework === undefined) {
    throw new Error(`"${name}" is no name of an adapter. Use one such as: pnpm new:package adapter-koa`);
  }
  const target = join(root, 'packages', name);
  if (existsSync(target)) throw new Error(`packages/${name} is there already.`);
  const template = join(root, 'templates', 'adapter');
  const files = await filesIn(template);
  for (const file of files) {
    const copy = join(target, renamed(file, framework));
    await mkdir(dirname(copy), { recursive: true });
    const text = renamed(await readFile(join(template, file), 'utf8'), framework);
    await writeFile(copy, file === 'package.json' ? published(text) : text);
  }
  return {
    folder: `packages/${name}`,
    packageName: `@tessera-mcp/${framework}`,
    files: files.map((file) => renamed(file, framework)),
  };
}

/** What whoever has made a package does next. */
export function nextSteps({ folder, packageName, files }: MadePackage): string {
  return [
    `${packageName} is in ${folder}:`,
    ...files.map((file) => `  ${file}`),
    '',
    'Next:',
    `  npx -y pnpm@10 install`,
    `  npx -y pnpm@10 test ${folder}    # the conformance suite passes already, on node:http`,
    `  ...then put the framework into src/ and into the test's mount(), and remove the capabilities that say "false".`,
  ].join('\n');
}

async function filesIn(folder: string, below = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (LEFT_BEHIND.has(entry.name)) continue;
    const path = join(below, entry.name);
    if (entry.isDirectory()) found.push(...(await filesIn(folder, path)));
    else found.push(path);
  }
  return found.sort();
}

function renamed(text: string, framework: string): string {
  const pascal = framework.replace(/(?:^|-)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  return text.replaceAll('Template', pascal).replaceAll('template', framework);
}

/** The template itself is never published; what is made of it is. */
function published(text: string): string {
  const manifest = { ...(JSON.parse(text) as Record<string, unknown>), private: undefined };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
