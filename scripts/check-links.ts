/* Links between the project's pages, and paths named in them, must lead somewhere. */
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { ROOT } from './run.js';

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.changeset', '.packed']);
const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
/** A path of this project in code font: `packages/…`, `docs/…`, `scripts/…`, `examples/…`, `tests/…`. */
const PATH = /`((?:packages|docs|scripts|examples|tests)\/[\w./-]*)`/g;

async function pages(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await pages(path)));
    else if (entry.name.endsWith('.md')) found.push(path);
  }
  return found;
}

/** The anchors GitHub makes of a page's headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}

async function problemsOf(page: string): Promise<string[]> {
  const text = await readFile(page, 'utf8');
  const prose = text.replace(/```[\s\S]*?```/g, '');
  const problems: string[] = [];
  for (const [, target = ''] of prose.matchAll(LINK)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : resolve(dirname(page), path);
    if (!existsSync(file)) problems.push(`the link ${target} leads nowhere`);
    else if (anchor !== undefined && !anchorsOf(await readFile(file, 'utf8')).has(anchor)) {
      problems.push(`the link ${target} has no such heading`);
    }
  }
  for (const [, path = ''] of prose.matchAll(PATH)) {
    if (!existsSync(join(ROOT, path))) problems.push(`the path ${path} does not exist`);
  }
  return problems.map((problem) => `${relative(ROOT, page)}: ${problem}`);
}

const problems = (await Promise.all((await pages(ROOT)).map(problemsOf))).flat();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
