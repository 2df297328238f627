import { coreError } from '../errors/core-error.js';
import type { Logger } from '../shared/platform.js';
import { checkToken, estimateBits } from './token.js';

const RECOMMENDED_BITS = 128;

/** Warns once of tokens that are easy to guess, or refuses them when a minimum is configured. */
export class TokenPolicyCheck {
  readonly #minimumBits: number | undefined;
  readonly #logger: Logger;
  #warned = false;

  constructor(minimumBits: number | undefined, logger: Logger) {
    this.#minimumBits = minimumBits;
    this.#logger = logger;
  }

  /** @throws `malformed_token`, `weak_token` */
  check(token: string): void {
    checkToken(token);
    const bits = estimateBits(token);
    if (this.#minimumBits !== undefined) {
      if (bits >= this.#minimumBits) return;
      throw coreError(
        'weak_token',
        `The token has at most ${bits.toFixed(0)} bits, the minimum is ${String(this.#minimumBits)}. Use generateToken().`,
      );
    }
    if (bits >= RECOMMENDED_BITS || this.#warned) return;
    this.#warned = true;
    this.#logger.warn(
      `A token has at most ${bits.toFixed(0)} bits and can be guessed. Use generateToken() in production, and tokens: { minimumBits: 128 } to refuse such tokens. This is said once.`,
    );
  }
}
