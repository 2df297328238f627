import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import type { AuthInfo, OAuthTokenVerifier } from '../../src/index.js';

/** What a verifier says of a token. */
export function authInfo(token: string, changes: Partial<AuthInfo> = {}): AuthInfo {
  return { token, clientId: 'client', scopes: [], ...changes };
}

/** Seconds since the epoch, some seconds from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** Knows the tokens it is given, and remembers for which it was asked. */
export class KnownTokens implements OAuthTokenVerifier {
  readonly asked: string[] = [];
  readonly #known: Map<string, Partial<AuthInfo>>;

  constructor(known: Record<string, Partial<AuthInfo>>) {
    this.#known = new Map(Object.entries(known));
  }

  async verifyAccessToken(token: string): Promise<AuthInfo> {
    this.asked.push(token);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const known = this.#known.get(token);
    if (known === undefined) throw new InvalidTokenError('Nobody knows this token');
    return authInfo(token, known);
  }

  forget(token: string): void {
    this.#known.delete(token);
  }
}
