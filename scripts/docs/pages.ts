import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../run.js';

/** One of the project's pages. */
export interface Page {
  /** Path from the project's folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/**
 * Pages that hold code or tables made of code: those at the root, each package's README, and everything in docs but
 * reports that are made of the code as a whole.
 */
export async function readPages(): Promise<Page[]> {
  const docs = await readdir(join(ROOT, 'docs'), { recursive: true });
  const packages = await readdir(join(ROOT, 'packages'));
  const paths = [
    ...(await readdir(ROOT)),
    ...packages.map((name) => `packages/${name}/README.md`),
    ...docs.map((name) => `docs/${name.replaceAll('\\', '/')}`),
  ].filter((path) => path.endsWith('.md') && !path.endsWith('.api.md'));
  const pages = await Promise.all(paths.map(readPage));
  return pages.filter((page) => page !== undefined);
}

async function readPage(path: string): Promise<Page | undefined> {
  const text = await readFile(join(ROOT, path), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { path, text };
}
