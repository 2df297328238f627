import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format } from 'prettier';
import { ROOT } from '../../../scripts/run.js';
import { BENCHMARKS } from '../candidates/prepare.js';
import { aheadOfUs } from './ahead.js';
import { budgetsTable } from './budgets.js';
import { headOf } from './head.js';
import type { Results } from './results.js';
import { sectionOf } from './tables.js';

/** Where a whole run is kept. */
const RESULTS: string = join(BENCHMARKS, 'results/results.json');

/** Where it is shown. */
export const PAGE: string = join(ROOT, 'docs/performance.md');

const BEGIN = '<!-- results -->';
const END = '<!-- /results -->';
const EMPTY_PAGE = `# Performance\n\n${BEGIN}\n${END}\n`;

/**
 * Keeps a run, and shows it in the page. Workloads that were not run stay as they are, when they are of the same machine and the
 * same versions.
 *
 * @throws Error when a part is of another machine or of other versions than the rest
 */
export async function keepResults(results: Results): Promise<void> {
  const kept = merged(await readResults(), results);
  await mkdir(dirname(RESULTS), { recursive: true });
  const text = await format(JSON.stringify(kept), { parser: 'json', printWidth: 110 });
  await writeFile(RESULTS, text);
  const page = await readFile(PAGE, 'utf8').catch(() => EMPTY_PAGE);
  await writeFile(PAGE, await filledPage(page, kept));
}

/**
 * Refuses to begin what could not be kept at its end.
 *
 * @throws Error when a part is to be measured on another machine or of other versions than the rest that is kept
 */
export async function checkKeepable(
  about: Omit<Results, 'workloads'>,
  letters: readonly string[],
): Promise<void> {
  const workloads = letters.map((letter) => ({ letter, title: '', about: '', columns: [], rows: [] }));
  merged(await readResults(), { ...about, workloads });
}

/** The run that is kept; undefined when there is none. */
export async function readResults(): Promise<Results | undefined> {
  const text = await readFile(RESULTS, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Results);
}

/**
 * The page with a run between its two marks.
 *
 * @throws Error when it has no marks
 */
export async function filledPage(page: string, results: Results): Promise<string> {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin)
    throw new Error(`docs/performance.md has no ${BEGIN} with ${END} behind it.`);
  const sections = [
    '<!-- Made by `pnpm bench --write` from a whole run. Do not edit. -->',
    headOf(results),
    `## Budgets\n\n${budgetsTable(results.workloads)}`,
    `## Where a peer does better\n\n${aheadOfUs(results.workloads)}`,
    '## Tables',
    ...results.workloads.map(sectionOf),
  ];
  const text = `${page.slice(0, begin)}${BEGIN}\n\n${sections.join('\n\n')}\n\n${page.slice(end)}`;
  return format(text, { parser: 'markdown', printWidth: 110 });
}

/** A part of a run in place of the same part of an older one. */
export function merged(older: Results | undefined, newer: Results): Results {
  const letters = new Set(newer.workloads.map(({ letter }) => letter));
  const rest = older?.workloads.filter(({ letter }) => !letters.has(letter)) ?? [];
  if (older === undefined || rest.length === 0) return newer;
  for (const part of ['machine', 'versions'] as const) {
    if (JSON.stringify(older[part]) !== JSON.stringify(newer[part])) {
      throw new Error(`The ${part} differ from those of the kept results: run all workloads.`);
    }
  }
  const workloads = [...rest, ...newer.workloads].sort((one, other) => (one.letter < other.letter ? -1 : 1));
  return { ...newer, workloads };
}
