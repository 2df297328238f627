import type { CellResult, Outcome } from './run-cell.js';

/** What is printed of a cell: one line, and one below it for each failure. */
export function linesOf({ client, server, outcomes }: CellResult): string[] {
  const due = outcomes.filter(({ gap }) => gap === undefined);
  const gaps = outcomes.flatMap(({ gap, failure }) =>
    gap === undefined || failure !== undefined ? [] : [gap],
  );
  const worked = due.filter(({ failure }) => failure === undefined).length;
  const title = `client ${client.version} · server ${server.version}`;
  const without = gaps.map(({ side, row, reason }) => `${row} is not supported by this ${side}: ${reason}`);
  const remark = without.length === 0 ? '' : ` (${without.join('; ')})`;
  return [
    `${title}: ${String(worked)} of ${String(due.length)} rows${remark}`,
    ...outcomes.filter(({ failure }) => failure !== undefined).map(failureLine),
  ];
}

function failureLine({ row, gap, failure }: Outcome): string {
  const what = gap === undefined ? row : `${row}, which cannot work`;
  const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  return `  FAILED ${what}: ${text.replaceAll('\n', '\n    ')}`;
}
