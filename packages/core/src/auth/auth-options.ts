import type { AuthInfo } from '../shared/auth-info.js';
import type { TokenRegistry } from '../tokens/token-registry.js';
import type { BearerTokenProvider, OAuthTokenVerifier } from './token-verifier.js';

/** How callers are recognised. The tessera's own tokens come first, then registries, then a verifier or provider. */
export interface AuthOptions {
  /** Asked, in this order, for tokens that the tessera itself does not know. @default [] */
  readonly registries?: readonly TokenRegistry[];
  /** Verifies every other token; its callers belong to `tenant`. With a `provider`, verifies in its place. Default: none. */
  readonly verifier?: OAuthTokenVerifier;
  /** The tenant of callers that the verifier lets in. Required with `verifier`, unless there is a `provider`. Default: none. */
  readonly tenant?: string | ((authInfo: AuthInfo) => string);
  /** Verifies every other token and makes its servers; each token is a tenant of its own. Default: none. */
  readonly provider?: BearerTokenProvider;
  /**
   * The user behind a verified token; sessions are bound to it. Default: `sub` with `iss` from `authInfo.extra`, else
   * the token. Never the client, which many users share.
   */
  readonly subject?: (authInfo: AuthInfo) => string | undefined;
  /** Scopes every caller must have; without them, 403 `insufficient_scope`. @default [] */
  readonly requiredScopes?: readonly string[];
  /** For how long a verifier's word is taken for the next request with the same token, in milliseconds. @default 5000 */
  readonly rememberVerifiedMs?: number;
  /** `resource_metadata` in challenges. Default: the address of `metadata.protectedResource`, if there is one. */
  readonly resourceMetadataUrl?: string;
}

/** The tenant of callers without a token, with `auth: 'none'`. */
export const ANONYMOUS_TENANT = 'anonymous';
