/** An allowance that holds at most `burst` and refills steadily. */
export class TokenBucket {
  #level: number;
  #filledAt: number;

  constructor(burst: number, now: number) {
    this.#level = burst;
    this.#filledAt = now;
  }

  /**
   * Takes one, if there is one.
   *
   * @param now monotonic milliseconds
   * @returns 0 when it was taken, else the milliseconds until there will be one
   */
  take(now: number, burst: number, perSecond: number): number {
    this.#level = Math.min(burst, this.#level + ((now - this.#filledAt) * perSecond) / 1000);
    this.#filledAt = now;
    if (this.#level >= 1) {
      this.#level -= 1;
      return 0;
    }
    return ((1 - this.#level) * 1000) / perSecond;
  }
}
