import type { Cell } from './cells.js';
import type { Judged, Verdict } from './judge.js';

/** Prints what is wrong with a cell; nothing when it has passed. */
export function printComplaints({ cell, scored, unscored, complaints, passed }: Verdict): void {
  if (passed) return;
  console.log(`${cell.name}, ${cell.revision}:`);
  for (const complaint of complaints) console.log(`  ${complaint}`);
  for (const { name, complaints: ofScenario } of [...scored, ...unscored]) {
    // A check is often called like its scenario.
    for (const complaint of ofScenario)
      console.log(`  ${complaint.startsWith(`${name}: `) ? '' : `${name}: `}${complaint}`);
  }
}

const HEADER = [
  'revision',
  'SDK',
  'adapter',
  'style',
  'fast path',
  'scored',
  'not scored',
  'requests',
  'cell',
];

/** Prints all cells as one table. The requests are those that were answered well in the revision. */
export function printTable(verdicts: readonly Verdict[]): void {
  const rows = [HEADER, ...verdicts.map(rowOf)];
  const widths = HEADER.map((_title, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((text, column) => text.padEnd(widths[column] ?? 0));
    console.log(cells.join('  ').trimEnd());
  }
}

function rowOf({ cell, scored, unscored, spoken, passed }: Verdict): string[] {
  return [
    cell.revision,
    cell.sdk,
    cell.adapter,
    cell.style,
    fastPathOf(cell),
    countOf(scored),
    unscored.length === 0 ? '' : countOf(unscored),
    String(spoken),
    `${cell.name}${passed ? '' : ' FAILED'}`,
  ];
}

function fastPathOf({ direct }: Cell): string {
  if (direct === undefined) return '';
  return direct ? 'on' : 'off';
}

function countOf(judged: readonly Judged[]): string {
  const passed = judged.filter(({ complaints }) => complaints.length === 0).length;
  return `${String(passed)}/${String(judged.length)}`;
}
