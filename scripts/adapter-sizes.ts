/*
 * An adapter only translates. What it takes to mount something may have so many lines of code, comments and blank lines
 * aside; whoever needs more is writing policy, which belongs in core. The Node bridge, which the others share, is not counted.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './run.js';

const LIMIT = 120;
const LIMITS: Readonly<Record<string, number>> = { 'adapter-hono': 40 };

/** What mounts: a handler, or a framework's plugin. */
const MOUNTING = /^(?:to-[a-z-]+-handler|plugin)\.ts$/;

let tooLarge = false;
const packages = await readdir(join(ROOT, 'packages'));
for (const adapter of packages.filter((name) => name.startsWith('adapter-') && name !== 'adapter-node')) {
  const source = join(ROOT, 'packages', adapter, 'src');
  const files = (await readdir(source)).filter((name) => MOUNTING.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(source, name), 'utf8')));
  const lines = texts.reduce((sum, text) => sum + codeLines(text), 0);
  const limit = LIMITS[adapter] ?? LIMIT;
  if (files.length === 0 || lines > limit) tooLarge = true;
  console.log(`${adapter}: ${String(lines)} of ${String(limit)} lines (${files.join(', ')})`);
}
process.exitCode = tooLarge ? 1 : 0;

function codeLines(text: string): number {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return withoutComments.split('\n').filter((line) => line.trim() !== '').length;
}
