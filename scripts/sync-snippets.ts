/*
 * Compares the code in the project's pages with the compiled sources it comes from. With --write it fills the fences.
 * A fence of TypeScript without a source, and a region that no page shows, fail in any case.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPages } from './docs/pages.js';
import { regionsOf } from './docs/regions.js';
import { syncPage } from './docs/snippets.js';
import { ROOT } from './run.js';

/** Everything in this folder is there to be shown. */
const SNIPPETS = 'examples/snippets/src';

function readSource(path: string): string | undefined {
  const file = join(ROOT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

async function regionsOfSnippets(): Promise<string[]> {
  const names = await readdir(join(ROOT, SNIPPETS), { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => `${SNIPPETS}/${name}`);
  return files.flatMap((file) =>
    [...regionsOf(readSource(file) ?? '', file).keys()].map((name) => `${file}#${name}`),
  );
}

const write = process.argv.includes('--write');
const synced = (await readPages()).map((page) => ({ page, ...syncPage(page, readSource) }));
const shown = new Set(synced.flatMap((page) => page.shown));
const unused = (await regionsOfSnippets()).filter((region) => !shown.has(region));

const failures = [
  ...synced.flatMap(({ problems }) => problems),
  ...(write ? [] : synced.flatMap(({ differences }) => differences)),
  ...unused.map((region) => `${region}: no page shows it`),
];
if (write) {
  for (const { page, text } of synced) {
    if (text !== page.text) await writeFile(join(ROOT, page.path), text);
  }
}
for (const exception of synced.flatMap(({ exceptions }) => exceptions)) console.log(exception);
for (const failure of failures) console.error(failure);
if (!write && failures.length > 0) console.error('To fill the fences from their sources: pnpm docs:snippets');
process.exitCode = failures.length === 0 ? 0 : 1;
