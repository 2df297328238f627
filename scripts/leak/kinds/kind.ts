import type { Census } from '../census.js';
import type { Rig } from '../rig.js';

/** One way in which sessions begin and end. */
export interface Kind {
  readonly name: string;
  /** How many cycles it runs when nothing else is said. */
  readonly cycles: number;
  start(census: Census): Promise<Running>;
}

/** A kind that was started. */
export interface Running {
  readonly rig: Rig;
  /** Runs one cycle; several may run at once. */
  readonly cycle: (index: number) => Promise<void>;
  /** How many run at once. @default 1 */
  readonly atOnce?: number;
  /** Ends what a batch of cycles has left to end. Default: nothing is left. */
  readonly endBatch?: () => void | Promise<void>;
  /** Closes everything. */
  readonly close: () => Promise<void>;
}
