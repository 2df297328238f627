/* Makes docs/events.md from the event maps. Without --write it only checks that the page is up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import { renderEventsPage } from './render-events.js';
import { ROOT } from './run.js';

const PAGE = join(ROOT, 'docs/events.md');

const page = await format(await renderEventsPage(), { parser: 'markdown', printWidth: 110 });
if (process.argv.includes('--write')) {
  await writeFile(PAGE, page);
} else if ((await readFile(PAGE, 'utf8').catch(() => '')) !== page) {
  console.error('docs/events.md is not what the event maps say. Run: pnpm docs:events');
  process.exitCode = 1;
}
