import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../run.js';

/** The versions that the workspace has settled on, by the names of packages. */
export async function readCatalog(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(ROOT, 'pnpm-workspace.yaml'), 'utf8');
  const [, catalog = ''] = /^catalog:\n((?: {2}.*\n?)+)/m.exec(text) ?? [];
  const lines = catalog.matchAll(/^ {2}'?([^':]+)'?: *'?([^'\n]+)'?$/gm);
  return new Map([...lines].map(([, name = '', version = '']) => [name, version]));
}
