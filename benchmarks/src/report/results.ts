import type { Column, Figures, Subject } from '../workloads/workload.js';
import type { Machine } from './machine.js';

/** A line of a table, in all rounds. */
export interface Row extends Subject {
  /** What each round has given; null where the candidate had failed before. */
  readonly rounds: readonly (Figures | null)[];
  /** What went wrong, when something did. */
  readonly failure?: string | undefined;
}

/** A workload that was measured. */
export interface WorkloadResult {
  readonly letter: string;
  readonly title: string;
  readonly about: string;
  readonly limits?: string | undefined;
  readonly base?: string | undefined;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** A run, as it is kept in results/results.json: enough to make all tables of. */
export interface Results {
  readonly mode: 'full' | 'quick';
  /** The day, as in 2026-11-29. */
  readonly date: string;
  readonly machine: Machine;
  /** Versions of what was measured, by package. */
  readonly versions: Readonly<Record<string, string>>;
  readonly workloads: readonly WorkloadResult[];
}

/** How many have failed. */
export function failuresIn({ workloads }: Pick<Results, 'workloads'>): number {
  return workloads.flatMap(({ rows }) => rows).filter(({ failure }) => failure !== undefined).length;
}
