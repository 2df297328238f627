import type { Column } from '../workloads/workload.js';
import type { Row, WorkloadResult } from './results.js';
import { shown, spreadOfRow } from './values.js';

/** Every place where a peer does better than a candidate of this project of the same era, as a list in Markdown. */
export function aheadOfUs(workloads: readonly WorkloadResult[]): string {
  const lines = workloads.flatMap((result) =>
    result.columns.filter(({ compared }) => compared === true).flatMap((column) => linesOf(result, column)),
  );
  return lines.length === 0 ? 'Nowhere in these tables.' : lines.map((line) => `- ${line}`).join('\n');
}

function linesOf(result: WorkloadResult, { heading, figures, as, digits = 0 }: Column): string[] {
  const [figure = ''] = figures;
  const measured = result.rows.flatMap((row) => {
    const median = spreadOfRow(result, row, { figure, as })?.median;
    return median === undefined ? [] : [{ row, median }];
  });
  return measured
    .filter(({ row }) => row.group === 'peers')
    .flatMap(({ row, median }) => {
      const behind = measured.filter((one) => isComparable(one.row, row) && one.median > median);
      if (behind.length === 0) return [];
      const names = behind.map((one) => `${one.row.name} (${shown(one.median, digits)})`);
      const what = `${result.title}, ${heading}`;
      return [`${what}: ${row.name} (${shown(median, digits)}) before ${names.join(', ')}`];
    });
}

function isComparable({ group, era }: Row, peer: Row): boolean {
  return group === 'ours' && era === peer.era;
}
