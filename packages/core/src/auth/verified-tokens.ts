import type { AuthInfo } from '../shared/auth-info.js';
import type { Clock } from '../shared/platform.js';
import type { OAuthTokenVerifier } from './token-verifier.js';

interface Remembered {
  readonly authInfo: AuthInfo;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const LONGEST_MEMORY = 10_000;

/** More than there are sessions by default, so that a token with a session is among them. */
const ACCEPTED_MEMORY = 20_000;

/**
 * Asks a verifier, and remembers for a short time what it said: by the token's digest, never beyond the token's
 * expiry. A refusal is not remembered. Many requests with one token at once ask once.
 */
export class VerifiedTokens {
  readonly #verifier: OAuthTokenVerifier;
  readonly #clock: Clock;
  readonly #rememberMs: number;
  readonly #remembered = new Map<string, Remembered>();
  readonly #asking = new Map<string, Promise<AuthInfo>>();
  /** Tokens that were let in before, the latest last. */
  readonly #accepted = new Set<string>();

  constructor(verifier: OAuthTokenVerifier, clock: Clock, rememberMs: number) {
    this.#verifier = verifier;
    this.#clock = clock;
    this.#rememberMs = rememberMs;
  }

  /** Rejects with what the verifier rejects with. */
  verify(token: string, digest: string): AuthInfo | Promise<AuthInfo> {
    const remembered = this.#remembered.get(digest);
    if (remembered !== undefined && remembered.until > this.#clock.now()) return remembered.authInfo;
    const asking = this.#asking.get(digest) ?? this.#ask(token, digest);
    this.#asking.set(digest, asking);
    return asking;
  }

  /** Forgets a token; an answer that is on its way is used once and not remembered. */
  forget(digest: string): void {
    this.#remembered.delete(digest);
    this.#asking.delete(digest);
  }

  /** Whether a token had been let in before; the question can be asked once. Tokens that nobody knew cost no more than it. */
  takeAccepted(digest: string): boolean {
    return this.#accepted.delete(digest);
  }

  async #ask(token: string, digest: string): Promise<AuthInfo> {
    // The entry is made before the verifier is asked, so that it is there when the answer comes.
    await Promise.resolve();
    const asked = this.#asking.get(digest);
    try {
      const authInfo = await this.#verifier.verifyAccessToken(token);
      this.#accept(digest);
      if (this.#asking.get(digest) === asked) this.#remember(digest, authInfo);
      return authInfo;
    } catch (thrown) {
      this.#remembered.delete(digest);
      throw thrown;
    } finally {
      if (this.#asking.get(digest) === asked) this.#asking.delete(digest);
    }
  }

  #accept(digest: string): void {
    this.#accepted.delete(digest);
    this.#accepted.add(digest);
    if (this.#accepted.size <= ACCEPTED_MEMORY) return;
    const [oldest] = this.#accepted;
    if (oldest !== undefined) this.#accepted.delete(oldest);
  }

  #remember(digest: string, authInfo: AuthInfo): void {
    if (this.#rememberMs <= 0) return;
    const until = Math.min(this.#clock.now() + this.#rememberMs, expiryMs(authInfo) ?? Infinity);
    this.#remembered.delete(digest);
    this.#remembered.set(digest, { authInfo, until });
    if (this.#remembered.size <= LONGEST_MEMORY) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** A number of seconds this large is a date more than three thousand years ahead: it must be milliseconds. */
const SMALLEST_MILLISECONDS = 1e11;

/** Whether a verifier gave its expiry in milliseconds, which are not what `AuthInfo` has. */
export function isExpiryInMilliseconds({ expiresAt }: AuthInfo): boolean {
  return typeof expiresAt === 'number' && Number.isFinite(expiresAt) && expiresAt >= SMALLEST_MILLISECONDS;
}

/** When a token expires, in milliseconds since the epoch; undefined when it does not. */
export function expiryMs(authInfo: AuthInfo): number | undefined {
  const { expiresAt } = authInfo;
  if (expiresAt === undefined) return undefined;
  // A verifier that gives something else than a number does not know: its token must not live for ever.
  if (typeof expiresAt !== 'number' || !Number.isFinite(expiresAt)) return 0;
  return isExpiryInMilliseconds(authInfo) ? expiresAt : expiresAt * 1000;
}
