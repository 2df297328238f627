import type { Clock, Timers } from '../../src/shared/platform.js';

interface Timer {
  readonly run: () => void;
  readonly everyMs: number | undefined;
  dueAt: number;
}

/** A clock that moves only when told, and timers that run with it. */
export class FakeTime implements Clock, Timers {
  #now = 0;
  #lastHandle = 0;
  readonly #timers = new Map<unknown, Timer>();

  now(): number {
    return 1_700_000_000_000 + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    return this.#add({ run, everyMs: undefined, dueAt: this.#now + delayMs });
  }

  setInterval(run: () => void, delayMs: number): unknown {
    return this.#add({ run, everyMs: delayMs, dueAt: this.#now + delayMs });
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle);
  }

  clearInterval(handle: unknown): void {
    this.#timers.delete(handle);
  }

  /** Moves time on, and runs what becomes due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers.entries()]
        .filter(([, timer]) => timer.dueAt <= end)
        .sort(([, one], [, other]) => one.dueAt - other.dueAt);
      if (next === undefined) break;
      const [handle, timer] = next;
      this.#now = timer.dueAt;
      if (timer.everyMs === undefined) this.#timers.delete(handle);
      else timer.dueAt += timer.everyMs;
      timer.run();
      await settle();
    }
    this.#now = end;
  }

  #add(timer: Timer): unknown {
    this.#lastHandle += 1;
    this.#timers.set(this.#lastHandle, timer);
    return this.#lastHandle;
  }
}

/** Lets everything run that only waits for promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
