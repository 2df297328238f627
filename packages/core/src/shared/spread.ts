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
  /** Whether the next turn is asked for. */
  #isDue = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Does something: now, or in one of the next turns when as much as may be was done in this one. It must not throw. */
  do(action: () => void): void {
    this.#askForTurn();
    if (this.#done < MOST_IN_A_TURN && this.#waiting.length === 0) {
      this.#done += 1;
      action();
    } else this.#waiting.push(action);
  }

  /** Drops what waits. */
  close(): void {
    this.#waiting = [];
  }

  #askForTurn(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const begin = (): void => {
      this.#nextTurn();
    };
    // The shortest time-out is a millisecond, which would be half of the time that all of it takes.
    if (this.#timers.setImmediate === undefined) this.#timers.setTimeout(begin, 0);
    else this.#timers.setImmediate(begin);
  }

  #nextTurn(): void {
    this.#isDue = false;
    const turn = this.#waiting.splice(0, MOST_IN_A_TURN);
    this.#done = turn.length;
    if (turn.length === 0) return;
    this.#askForTurn();
    for (const action of turn) action();
  }
}
