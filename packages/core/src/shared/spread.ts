import type { Timers } from './platform.js';

/** How much is done in one turn of the event loop. Writing to a stream takes some 30 µs, so this is about 2 ms. */
const MOST_IN_A_TURN = 64;

/**
 * Spreads what is to be done for many over turns of the event loop, so that no call waits for all of it. It keeps the order,
 * and does at once what is little.
 */
export class Spread {
  readonly #timers: Timers;
  #waiting: (() => void)[] = [];
  /** How much has been done in this turn. */
  #done = 0;
  #timer: unknown;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Does something: now, or in one of the next turns when as much as may be was done in this one. It must not throw. */
  do(action: () => void): void {
    // Set first: by the time this turn is over, the next one is due.
    this.#timer ??= this.#timers.setTimeout(() => {
      this.#nextTurn();
    }, 0);
    if (this.#done < MOST_IN_A_TURN && this.#waiting.length === 0) {
      this.#done += 1;
      action();
    } else this.#waiting.push(action);
  }

  /** Drops what waits. */
  close(): void {
    this.#waiting = [];
    if (this.#timer !== undefined) this.#timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #nextTurn(): void {
    this.#timer = undefined;
    this.#done = 0;
    const turn = this.#waiting.splice(0, MOST_IN_A_TURN);
    if (turn.length === 0) return;
    this.#done = turn.length;
    this.#timer = this.#timers.setTimeout(() => {
      this.#nextTurn();
    }, 0);
    for (const action of turn) action();
  }
}
