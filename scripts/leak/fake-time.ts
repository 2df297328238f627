import type { Clock, Timers } from '../../packages/core/src/index.js';

interface Timer {
  readonly run: () => void;
  /** Milliseconds between two runs; missing when it runs once. */
  readonly everyMs: number | undefined;
  at: number;
}

/** Time that stands still until it is moved. */
export class FakeTime implements Clock, Timers {
  readonly #timers = new Set<Timer>();
  #nowMs = 0;

  /** Timers that are still to run. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    return this.#add({ run, everyMs: undefined, at: this.#nowMs + delayMs });
  }

  setInterval(run: () => void, everyMs: number): unknown {
    return this.#add({ run, everyMs, at: this.#nowMs + everyMs });
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer);
  }

  clearInterval(handle: unknown): void {
    this.#timers.delete(handle as Timer);
  }

  /** Turns of the event loop come by themselves, also while time stands still. */
  setImmediate(run: () => void): void {
    setImmediate(run);
  }

  /** Lets time pass, and runs what is due on the way. */
  advance(byMs: number): void {
    const end = this.#nowMs + byMs;
    for (let timer = this.#next(); timer !== undefined && timer.at <= end; timer = this.#next()) {
      this.#nowMs = timer.at;
      if (timer.everyMs === undefined) this.#timers.delete(timer);
      else timer.at += timer.everyMs;
      timer.run();
    }
    this.#nowMs = end;
  }

  #add(timer: Timer): Timer {
    this.#timers.add(timer);
    return timer;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }
}
