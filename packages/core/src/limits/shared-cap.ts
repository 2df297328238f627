import type { Clock } from '../shared/platform.js';

/** What one tenant holds of something that all share. */
export interface Share {
  held: number;
  /** Gives something back at once; false when it cannot. Asked of a tenant that holds more than half. */
  readonly giveWay?: () => boolean;
}

/** For how long somebody counts as asking after having been refused, in milliseconds. */
const ASKING_MS = 10_000;

/**
 * A cap on what all tenants hold together. One tenant may hold all of it, as long as nobody else asks: while others do, it
 * gets no more than half, and gives way when it has more.
 */
export class SharedCap {
  readonly #maximum: number;
  readonly #half: number;
  readonly #clock: Clock;
  #total = 0;
  /** The one that holds more than half, if one does. */
  #greedy: Share | undefined;
  /** Who was refused lately while holding no more than half, and when. */
  readonly #asking = new Map<Share, number>();

  constructor(maximum: number, clock: Clock) {
    this.#maximum = maximum;
    this.#half = Math.max(1, Math.floor(maximum / 2));
    this.#clock = clock;
  }

  /** Whether there is room for more. Nothing is counted yet. */
  admits(share: Share, amount = 1): boolean {
    const isModest = share.held + amount <= this.#half;
    while (isModest && this.#total + amount > this.#maximum) {
      const before = this.#total;
      // Who says that it has given way, and has not, is not asked for ever.
      if (this.#greedy?.giveWay?.() !== true || this.#total >= before) break;
    }
    if (this.#total + amount <= this.#maximum) return isModest || !this.#othersAsk(share);
    if (isModest) {
      this.#forgetOldAskers();
      this.#asking.set(share, this.#clock.monotonic());
    }
    return false;
  }

  /** Counts what a tenant holds more, or less when the amount is negative. */
  count(share: Share, amount: number): void {
    share.held += amount;
    this.#total += amount;
    if (share.held > this.#half) this.#greedy = share;
    else if (this.#greedy === share) this.#greedy = undefined;
  }

  #othersAsk(share: Share): boolean {
    this.#forgetOldAskers();
    for (const other of this.#asking.keys()) if (other !== share) return true;
    return false;
  }

  /** Also those whose tenants are gone: whoever is kept here is kept in memory with all that hangs on it. */
  #forgetOldAskers(): void {
    const since = this.#clock.monotonic() - ASKING_MS;
    for (const [share, at] of this.#asking) if (at <= since) this.#asking.delete(share);
  }
}
