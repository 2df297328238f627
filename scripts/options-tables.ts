/*
 * Makes the tables of options in the project's pages from the interfaces that declare them. Without --write it only
 * checks that they are up to date.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillTables } from './docs/options-tables.js';
import { readPages } from './docs/pages.js';
import { ROOT } from './run.js';

const pages = await readPages();
const write = process.argv.includes('--write');
let failed = false;
for (const [index, { text, problems }] of fillTables(pages).entries()) {
  const page = pages[index];
  if (page === undefined) continue;
  const differs = text !== page.text;
  if (differs && write) await writeFile(join(ROOT, page.path), text);
  if (differs && !write) {
    console.error(`${page.path}: a table of options is not what its interface says. Run: pnpm docs:options`);
  }
  for (const problem of problems) console.error(problem);
  failed ||= problems.length > 0 || (differs && !write);
}
process.exitCode = failed ? 1 : 0;
