import type { Candidate } from '../candidates/catalogue.js';

/** What a measurement has given, by names that columns refer to. */
export type Figures = Readonly<Record<string, number>>;

/** A column of a workload's table. */
export interface Column {
  readonly heading: string;
  /** Names of figures; several are shown beside each other. */
  readonly figures: readonly string[];
  /** Itself, as a multiple of the base's in the same round, or how much it is over the base's in the same round. */
  readonly as: 'value' | 'times' | 'over';
  /** Digits behind the point. @default 0 */
  readonly digits?: number;
  /** Whether the lowest and the highest round are shown too. @default false */
  readonly range?: boolean;
  /** Whether candidates of an era are compared by it, the lowest being the best. @default false */
  readonly compared?: boolean;
}

/** What a line of a table is about. */
export interface Subject {
  readonly name: string;
  readonly group: Candidate['group'];
  readonly era?: Candidate['era'] | undefined;
  readonly sdk?: Candidate['sdk'] | undefined;
  /** What a reader of its figures should know. */
  readonly note?: string | undefined;
}

/** A line of a table, and how it is measured once. */
export interface Entry extends Subject {
  readonly measure: () => Promise<Figures>;
}

/** Something that is measured of candidates, over rounds. */
export interface Workload {
  /** As in the command's `--workload`. */
  readonly letter: string;
  readonly title: string;
  /** What is done, for the reader of the table. */
  readonly about: string;
  /** Caps of this project that are set for it. */
  readonly limits?: string | undefined;
  readonly rounds: number;
  /** The entry that others are compared with in each round. */
  readonly base?: string;
  readonly columns: readonly Column[];
  readonly entries: readonly Entry[];
  /** Done once before, such as an installation. */
  readonly prepare?: () => Promise<void>;
  /** Done once behind, whatever has happened. */
  readonly cleanUp?: () => Promise<void>;
}

/** A candidate as a line of a table. */
export function entryOf({ name, group, era, sdk, note }: Candidate, measure: () => Promise<Figures>): Entry {
  return { name, group, era, sdk, note, measure };
}
