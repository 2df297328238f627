import { coreError } from '../errors/core-error.js';
import type { McpServerLike } from '../shared/mcp-server.js';
import type { AuthInfo } from '../shared/auth-info.js';
import { checkFactory } from '../shared/check-factory.js';
import { checkToken } from '../tokens/token.js';
import type { BearerTokenListener, BearerTokenProvider } from './token-verifier.js';

/** Makes a server for a token. */
export type TokenServerFactory = (authInfo: AuthInfo) => McpServerLike | Promise<McpServerLike>;

/**
 * Tokens with the functions that make their servers, changed while it is in use. It is a provider and a verifier at
 * once. It holds the tokens as they are, because they are its keys.
 */
export class TokenBasedServerProvider implements BearerTokenProvider {
  readonly #factories = new Map<string, TokenServerFactory>();
  readonly #listeners = new Set<BearerTokenListener>();

  /** @throws `malformed_token`, `invalid_factory` */
  constructor(factories: Readonly<Record<string, TokenServerFactory>> = {}) {
    for (const [token, factory] of Object.entries(factories)) this.addToken(token, factory);
  }

  /** @throws `malformed_token`, `duplicate_token`, `invalid_factory` */
  addToken(token: string, factory: TokenServerFactory): this {
    checkToken(token);
    if (this.#factories.has(token)) {
      throw coreError(
        'duplicate_token',
        'The token is registered already. Use updateToken(), or remove it first.',
      );
    }
    checkFactory(factory);
    this.#factories.set(token, factory);
    return this;
  }

  /** Removes a token and ends its sessions. Does nothing when there is no such token. */
  removeToken(token: string): this {
    if (!this.#factories.delete(token)) return this;
    for (const listener of this.#listeners) listener.revoked(token);
    return this;
  }

  /**
   * Gives a token another factory; sessions that are open keep the server they have.
   *
   * @throws `unknown_token`, `invalid_factory`
   */
  updateToken(token: string, factory: TokenServerFactory): this {
    if (!this.#factories.has(token)) {
      throw coreError('unknown_token', 'The token is not registered. Add it with addToken() first.');
    }
    checkFactory(factory);
    this.#factories.set(token, factory);
    return this;
  }

  hasToken(token: string): boolean {
    return this.#factories.has(token);
  }

  getTokens(): string[] {
    return [...this.#factories.keys()];
  }

  verifyAccessToken(token: string): Promise<AuthInfo> {
    if (this.#factories.has(token)) return Promise.resolve({ token, clientId: token, scopes: [] });
    return Promise.reject(coreError('invalid_token', 'The token is not known.'));
  }

  /** @throws `unknown_token` when the token was removed meanwhile */
  createServerForToken(token: string, authInfo: AuthInfo): McpServerLike | Promise<McpServerLike> {
    const factory = this.#factories.get(token);
    if (factory !== undefined) return factory(authInfo);
    throw coreError('unknown_token', 'The token was removed while its server was being made.');
  }

  attach(listener: BearerTokenListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
