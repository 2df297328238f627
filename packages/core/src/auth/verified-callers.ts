import { coreError } from '../errors/core-error.js';
import type { Digest, Keys } from '../keys/keys.js';
import type { AuthInfo } from '../shared/auth-info.js';
import type { Caller } from '../shared/caller.js';
import type { Clock, Logger } from '../shared/platform.js';
import { fingerprintOf, longFingerprintOf } from '../tokens/token.js';
import type { AuthOptions } from './auth-options.js';
import type { OAuthTokenVerifier } from './token-verifier.js';
import { VerifiedTokens, expiryMs, isExpiryInMilliseconds } from './verified-tokens.js';

/** What turns a token into a caller. */
export interface VerifiedCallersParts {
  readonly auth: AuthOptions;
  readonly verifier: OAuthTokenVerifier;
  readonly rememberMs: number;
  readonly digest: Digest;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where a verified token belongs. */
export interface VerifiedPlace {
  readonly tokenId: string;
  /** Missing when the verifier's answer is needed to tell. */
  readonly tenantId?: string;
}

/** The callers that a verifier or a provider vouches for. */
export class VerifiedCallers {
  readonly #parts: VerifiedCallersParts;
  readonly #tokens: VerifiedTokens;
  #warned = false;

  constructor(parts: VerifiedCallersParts) {
    this.#parts = parts;
    this.#tokens = new VerifiedTokens(parts.verifier, parts.clock, parts.rememberMs);
  }

  /** Rejects with what the verifier rejects with. At once when the verifier's word is remembered. */
  identify(token: string, digest: string): Caller | Promise<Caller> {
    const verified = this.#tokens.verify(token, digest);
    if (verified instanceof Promise) return verified.then((authInfo) => this.#toCaller(token, authInfo));
    return this.#toCaller(token, verified);
  }

  /** Whether a token that is refused now had been let in before. */
  takeAccepted(digest: string): boolean {
    return this.#tokens.takeAccepted(digest);
  }

  /** Forgets what was said of a token. */
  forget(digest: string): void {
    this.#tokens.forget(digest);
  }

  /** Where a token's sessions are, without asking anybody. */
  placeOf(token: string): VerifiedPlace {
    const { auth, digest, keys } = this.#parts;
    const name = longFingerprintOf(digest, keys, token);
    const tokenId = `tok_${name}`;
    if (auth.provider !== undefined) return { tokenId, tenantId: `token-${name}` };
    return typeof auth.tenant === 'string' ? { tokenId, tenantId: auth.tenant } : { tokenId };
  }

  #toCaller(token: string, authInfo: AuthInfo): Caller {
    const { auth, digest, keys } = this.#parts;
    const { tokenId, tenantId = tenantOf(auth, authInfo) } = this.placeOf(token);
    this.#warnOfMilliseconds(authInfo);
    const expiresAt = expiryMs(authInfo);
    const { provider } = auth;
    return {
      principal: {
        tenantId,
        tokenId,
        subject: subjectOf(auth, authInfo) ?? tokenId,
        fingerprint: fingerprintOf(digest, keys, token),
        scopes: authInfo.scopes,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
      authInfo,
      isOwn: false,
      ...(provider === undefined ? {} : { makeServer: () => provider.createServerForToken(token, authInfo) }),
    };
  }

  #warnOfMilliseconds(authInfo: AuthInfo): void {
    if (this.#warned || !isExpiryInMilliseconds(authInfo)) return;
    this.#warned = true;
    this.#parts.logger.warn(
      'A verifier gave expiresAt in milliseconds; AuthInfo has seconds since the epoch. It was read as milliseconds. This is said once.',
    );
  }
}

function tenantOf({ tenant }: AuthOptions, authInfo: AuthInfo): string {
  const id = typeof tenant === 'function' ? tenant(authInfo) : tenant;
  if (typeof id === 'string') return id;
  throw coreError('invalid_option', 'auth.tenant must give the id of a tenant for every verified token.');
}

/** The user behind a token. Users of one client share its id, so that never counts. */
function subjectOf({ subject }: AuthOptions, authInfo: AuthInfo): string | undefined {
  if (subject !== undefined) return subject(authInfo);
  const { sub, iss } = { ...authInfo, ...authInfo.extra } as { sub?: unknown; iss?: unknown };
  if (typeof sub !== 'string' || sub === '') return undefined;
  return JSON.stringify([typeof iss === 'string' ? iss : '', sub]);
}
