import { spreadOf, type Spread } from '../load/statistics.js';
import type { Column } from '../workloads/workload.js';
import type { Row, WorkloadResult } from './results.js';

/** Which value of a row is meant. */
export type Wanted = { readonly figure: string } & Pick<Column, 'as'>;

/**
 * A value of a row over its rounds: the middle and the ends. Multiples and differences are to the base of the same round.
 * Undefined where nothing was measured.
 */
export function spreadOfRow(result: WorkloadResult, row: Row, { figure, as }: Wanted): Spread | undefined {
  const base = result.rows.find(({ name }) => name === result.base);
  const values = row.rounds.flatMap((figures, round) => {
    const value = figures?.[figure];
    if (value === undefined || as === 'value') return value ?? [];
    const other = base?.rounds[round]?.[figure];
    if (other === undefined) return [];
    return as === 'times' ? value / other : value - other;
  });
  return spreadOf(values.filter((value) => !Number.isNaN(value)));
}

/** A number as people read it. */
export function shown(value: number, digits = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
