import type { Clock } from '../shared/platform.js';

/** What one tenant holds of something that all share. */
export interface Share {
  held: number;
  /** Gives something back at once, if it can; asked of a tenant that holds more than half. */
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
  /** Who was refused last, of those who hold no more than half. */
  #asking: { readonly share: Share; readonly at: number } | undefined;

  constructor(maximum: number, clock: Clock) {
    this.#maximum = maximum;
    this.#half = Math.max(1, Math.floor(maximum / 2));
    this.#clock = clock;
  }

  /** Whether there is room for more. Nothing is counted yet. */
  admits(share: Share, amount = 1): boolean {
    const isModest = share.held + amount <= this.#half;
    if (this.#total + amount > this.#maximum) {
      const madeRoom = isModest && this.#greedy?.giveWay?.() === true;
      if (madeRoom && this.#total + amount <= this.#maximum) return true;
      if (isModest) this.#asking = { share, at: this.#clock.monotonic() };
      return false;
    }
    return isModest || !this.#othersAsk(share);
  }

  /** Counts what a tenant holds more, or less when the amount is negative. */
  count(share: Share, amount: number): void {
    share.held += amount;
    this.#total += amount;
    if (share.held > this.#half) this.#greedy = share;
    else if (this.#greedy === share) this.#greedy = undefined;
  }

  #othersAsk(share: Share): boolean {
    const asking = this.#asking;
    if (asking === undefined || asking.share === share) return false;
    return this.#clock.monotonic() - asking.at < ASKING_MS;
  }
}
