import type { Clock, Timers } from './platform.js';

/** A stream that wants a comment now and then. */
export interface KeepAlive {
  keepAlive(): void;
}

/** An answer that becomes a stream when its result is late. */
export interface LateUpgrade {
  readonly startedAt: number;
  upgrade(): void;
}

/** Something that looks at its sessions now and then. */
export interface Sweeper {
  sweep(): void;
}

const LONGEST_TICK_MS = 1000;
const SHORTEST_TICK_MS = 10;

/**
 * The one timer of a tessera: keep-alive comments, late upgrades and sweeping. It runs only while there is
 * something to look after.
 */
export class Heartbeat {
  readonly #timers: Timers;
  readonly #clock: Clock;
  readonly #keepAliveMs: number;
  readonly #upgradeAfterMs: number;
  readonly #tickMs: number;
  readonly #streams = new Set<KeepAlive>();
  /** In the order they started, so that a tick looks at the late ones only. */
  readonly #waiting = new Set<LateUpgrade>();
  readonly #sweepers = new Set<Sweeper>();
  #timer: unknown;
  #lastKeepAlive = 0;
  #closed = false;

  constructor(
    platform: { timers: Timers; clock: Clock },
    intervals: { keepAliveMs: number; upgradeAfterMs: number; idleMs: number },
  ) {
    this.#timers = platform.timers;
    this.#clock = platform.clock;
    this.#keepAliveMs = intervals.keepAliveMs;
    this.#upgradeAfterMs = intervals.upgradeAfterMs;
    const shortest = Math.min(intervals.keepAliveMs, intervals.upgradeAfterMs, intervals.idleMs);
    this.#tickMs = Math.max(SHORTEST_TICK_MS, Math.min(LONGEST_TICK_MS, shortest / 4));
  }

  watchStream(stream: KeepAlive): void {
    this.#streams.add(stream);
    this.#start();
  }

  unwatchStream(stream: KeepAlive): void {
    this.#streams.delete(stream);
    this.#stopIfIdle();
  }

  watchAnswer(answer: LateUpgrade): void {
    this.#waiting.add(answer);
    this.#start();
  }

  unwatchAnswer(answer: LateUpgrade): void {
    this.#waiting.delete(answer);
  }

  watchSessions(sweeper: Sweeper): void {
    this.#sweepers.add(sweeper);
    this.#start();
  }

  unwatchSessions(sweeper: Sweeper): void {
    this.#sweepers.delete(sweeper);
    this.#stopIfIdle();
  }

  /** Stops the timer for good. */
  close(): void {
    this.#streams.clear();
    this.#waiting.clear();
    this.#sweepers.clear();
    this.#closed = true;
    this.#stopIfIdle();
  }

  #start(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#lastKeepAlive = this.#clock.monotonic();
    this.#timer = this.#timers.setInterval(() => {
      this.#tick();
    }, this.#tickMs);
  }

  #stopIfIdle(): void {
    if (this.#streams.size + this.#waiting.size + this.#sweepers.size > 0) return;
    if (this.#timer !== undefined) this.#timers.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const now = this.#clock.monotonic();
    for (const answer of this.#waiting) {
      if (now - answer.startedAt < this.#upgradeAfterMs) break;
      this.#waiting.delete(answer);
      answer.upgrade();
    }
    if (now - this.#lastKeepAlive >= this.#keepAliveMs) {
      this.#lastKeepAlive = now;
      for (const stream of this.#streams) stream.keepAlive();
    }
    for (const sweeper of this.#sweepers) sweeper.sweep();
    this.#stopIfIdle();
  }
}
