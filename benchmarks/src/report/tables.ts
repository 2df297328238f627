import type { Column } from '../workloads/workload.js';
import type { Row, WorkloadResult } from './results.js';
import { shown, spreadOfRow } from './values.js';

const NOTHING = '–';

/** A workload as a section in Markdown: what was done, a table, and what a reader of it should know. */
export function sectionOf(result: WorkloadResult): string {
  const notes = [...new Set(result.rows.flatMap(({ note }) => note ?? []))];
  const failed = result.rows.filter(({ failure }) => failure !== undefined);
  return [
    `### ${result.letter}. ${result.title}`,
    result.about,
    ...(result.limits === undefined ? [] : [`Limits of Tessera that are set for it: ${result.limits}.`]),
    tableOf(result, notes),
    ...notes.map((note, index) => `${markOf(index)} ${note}`),
    ...failed.map(({ name, failure = '' }) => `**${name} has failed**: ${oneLine(failure)}`),
  ].join('\n\n');
}

/** Cells as a table in Markdown; columns of numbers are to the right. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  texts: number,
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(header),
    line(header.map((_, index) => (index < texts ? '---' : '--:'))),
    ...rows.map((cells) => line(cells.map((cell) => cell.replaceAll('|', '\\|')))),
  ].join('\n');
}

/** A text without line breaks, and not too long. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 400);
}

function tableOf({ columns, ...result }: WorkloadResult, notes: readonly string[]): string {
  const header = ['', 'era', 'SDK', ...columns.map(({ heading }) => heading)];
  const rows = result.rows.map((row) => [
    nameOf(row, notes),
    row.era ?? NOTHING,
    row.sdk ?? NOTHING,
    ...columns.map((column) => cellOf({ columns, ...result }, row, column)),
  ]);
  return markdownTable(header, rows, 3);
}

function nameOf({ name, note, failure }: Row, notes: readonly string[]): string {
  const mark = note === undefined ? '' : ` ${markOf(notes.indexOf(note))}`;
  return `${name}${mark}${failure === undefined ? '' : ' **failed**'}`;
}

function markOf(index: number): string {
  return `[${String(index + 1)}]`;
}

function cellOf(result: WorkloadResult, row: Row, { figures, as, digits, range }: Column): string {
  const spreads = figures.map((figure) => spreadOfRow(result, row, { figure, as }));
  if (spreads.every((spread) => spread === undefined)) return NOTHING;
  const text = spreads.map((spread) => (spread === undefined ? NOTHING : shown(spread.median, digits)));
  const [first] = spreads;
  const several = row.rounds.filter((round) => round !== null).length > 1;
  if (range !== true || first === undefined || !several || row.name === result.base) return text.join(' / ');
  return `${text.join(' / ')} (${shown(first.low, digits)}–${shown(first.high, digits)})`;
}
