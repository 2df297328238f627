import type { McpServerLike } from '../shared/mcp-server.js';
import type { AuthInfo } from '../shared/auth-info.js';

/** Verifies access tokens: the SDKs' `OAuthTokenVerifier`. */
export interface OAuthTokenVerifier {
  /**
   * Rejects with an error whose `errorCode` (SDK v1) or `code` (SDK v2) is `invalid_token` for a token that is not
   * valid, or `insufficient_scope`. Any other rejection is answered with a 500 that says nothing.
   */
  verifyAccessToken(token: string): Promise<AuthInfo>;
}

/** What a provider tells the tessera that uses it. */
export interface BearerTokenListener {
  /** The token is no longer valid: its sessions end at once. */
  revoked(token: string): void;
}

/** Verifies tokens and makes their servers; each token is a tenant of its own. */
export interface BearerTokenProvider extends OAuthTokenVerifier {
  /**
   * Makes one server for a verified token. It is called once for each session and returns a new server each time.
   */
  createServerForToken(token: string, authInfo: AuthInfo): McpServerLike | Promise<McpServerLike>;
  /** Called once, when the tessera is made. Returns a function that ends the connection. */
  attach?(listener: BearerTokenListener): () => void;
}

/** What is wrong with a token, if an error of a verifier says so; undefined for every other error. */
export function verifierRefusal(thrown: unknown): 'invalid_token' | 'insufficient_scope' | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const { errorCode, code } = thrown as { errorCode?: unknown; code?: unknown };
  return [errorCode, code].find((value) => value === 'invalid_token' || value === 'insufficient_scope');
}
