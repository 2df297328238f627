import type { BearerTokenProvider, OAuthTokenVerifier } from '../auth/token-verifier.js';
import type { Limits } from '../limits/limits.js';
import type { SessionOptions } from '../sessions/session-options.js';
import type { ServerFactory } from '../servers/server-factory.js';
import type { McpServerLike } from '../shared/mcp-server.js';
import type { FetchHandler } from '../shared/mount.js';
import type { Tessera } from '../tessera.js';

/** How bearer tokens are verified. */
export interface BearerMiddlewareOptions {
  /** Says of every token whose it is, or throws. */
  readonly verifier: OAuthTokenVerifier;
  /** Scopes every caller must have. @default [] */
  readonly requiredScopes?: readonly string[];
  /** `resource_metadata` in the challenges of 401 and 403. Default: the address of the document, if one is served. */
  readonly resourceMetadataUrl?: string;
}

/** Who may call, and what OAuth clients can read about it. */
export interface AuthorizationOptions {
  /** Lets in whom a verifier of yours knows. Default: no token is asked for. */
  readonly bearerMiddlewareOptions?: BearerMiddlewareOptions;
  /** Verifies tokens and makes their servers; takes the place of `server`. Default: none. */
  readonly bearerTokenProvider?: BearerTokenProvider;
  /** Discovery documents, served as they are under `/.well-known/`. Default: none. */
  readonly oauth2?: {
    readonly authorizationServerOAuthMetadata?: object;
    readonly protectedResourceOAuthMetadata?: object;
  };
}

/**
 * Options of an endpoint that is mounted in an app: exactly one of `server`, `authorization.bearerTokenProvider`,
 * `tessera` and `mount`.
 */
export interface EndpointOptions {
  /** A function that makes a server for each session; or one server that all sessions share. Default: none. */
  readonly server?: McpServerLike | ServerFactory;
  /** Path of the endpoint, below `prefix`. Default: that of `tessera`, else `/mcp`. */
  readonly endpoint?: string;
  /** Who may call. Default: everybody, and a warning says so. */
  readonly authorization?: AuthorizationOptions;
  /** A tessera of your own to mount. It decides who may call; closing the app does not close it. Default: none. */
  readonly tessera?: Tessera;
  /** Something else that answers Web requests, to mount below `prefix`: everything there is its own. Default: none. */
  readonly mount?: FetchHandler;
  /** Caps and time limits. Default: those of a tessera. */
  readonly limits?: Partial<Limits>;
  /** How long sessions live. Default: as in a tessera. */
  readonly sessions?: SessionOptions;
  /** Origins of web pages that may call. Default: none; on a loopback address, loopback origins. */
  readonly origins?: readonly string[];
  /** `Host` values that are served besides loopback ones. Default: any; on a loopback address, loopback hosts only. */
  readonly hosts?: readonly string[];
}
