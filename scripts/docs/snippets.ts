import { fencesOf, withCode, type Fence } from './fences.js';
import type { Page } from './pages.js';
import { regionsOf } from './regions.js';

/** A page whose fences were compared with their sources. */
export interface SyncedPage {
  /** The page as its sources say it. */
  readonly text: string;
  /** Fences that say something else than their sources. */
  readonly differences: readonly string[];
  /** What nobody but an author can mend. */
  readonly problems: readonly string[];
  /** Fences without a source that say why. */
  readonly exceptions: readonly string[];
  /** The regions the page shows, as `path#name`. */
  readonly shown: readonly string[];
}

/** The text of a source; undefined when there is none. */
export type ReadSource = (path: string) => string | undefined;

const COMPILED = /^(?:ts|typescript|mts|cts|tsx|js|javascript|mjs|cjs|jsx)$/i;
const SNIPPET = /^snippet: (\S+?)#([\w+-]+)$/;
const NONE = /^snippet: none, because (.+)$/;

/**
 * Compares every fence of code with the regions named in the comment above it:
 * `<!-- snippet: examples/…/file.ts#region -->`, or `#first+second` for regions with a blank line between them.
 */
export function syncPage({ path, text }: Page, readSource: ReadSource): SyncedPage {
  const codes = new Map<Fence, string>();
  const differences: string[] = [];
  const problems: string[] = [];
  const exceptions: string[] = [];
  const shown: string[] = [];
  for (const fence of fencesOf(text)) {
    if (!COMPILED.test(fence.language)) continue;
    const where = `${path}:${String(fence.line)}`;
    const [, reason] = NONE.exec(fence.comment) ?? [];
    if (reason !== undefined) {
      exceptions.push(`${where}: no source, because ${reason}`);
      continue;
    }
    try {
      const source = sourceOf(fence);
      const code = codeOf(source, readSource);
      shown.push(...source.regions.map((region) => `${source.file}#${region}`));
      if (code === fence.code) continue;
      codes.set(fence, code);
      differences.push(`${where}: the fence is not what ${source.file}#${source.regions.join('+')} says`);
    } catch (error) {
      problems.push(`${where}: ${(error as Error).message}`);
    }
  }
  return { text: withCode(text, codes), differences, problems, exceptions, shown };
}

interface Source {
  readonly file: string;
  readonly regions: readonly string[];
}

function sourceOf(fence: Fence): Source {
  const [, file = '', names = ''] = SNIPPET.exec(fence.comment) ?? [];
  if (file === '') throw new Error('the fence names no source: put <!-- snippet: file#region --> above it');
  if (fence.indented) throw new Error('the fence must begin at the start of its line');
  if (!/^examples\/.*\.ts$/.test(file))
    throw new Error(`${file} is not compiled: name a source of examples/`);
  return { file, regions: names.split('+') };
}

function codeOf({ file, regions }: Source, readSource: ReadSource): string {
  const text = readSource(file);
  if (text === undefined) throw new Error(`there is no file ${file}`);
  const known = regionsOf(text, file);
  const parts = regions.map((name) => {
    const code = known.get(name);
    if (code === undefined) throw new Error(`${file} has no region ${name}`);
    if (code === '') throw new Error(`the region ${name} of ${file} is empty`);
    return code;
  });
  return parts.join('\n\n');
}
