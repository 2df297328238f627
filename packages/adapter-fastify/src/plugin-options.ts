import {
  ANONYMOUS_TENANT,
  TesseraError,
  coreErrors,
  createTessera,
  shareServer,
  type AuthOptions,
  type BearerTokenProvider,
  type Limits,
  type McpServerLike,
  type Logger,
  type OAuthTokenVerifier,
  type ServerFactory,
  type SessionOptions,
  type Tessera,
} from '@tessera-mcp/core';
import { nodeCallContext, nodeDigest } from '@tessera-mcp/node';

/** How bearer tokens are verified. */
export interface BearerMiddlewareOptions {
  readonly verifier: OAuthTokenVerifier;
  /** Scopes every caller must have. @default [] */
  readonly requiredScopes?: readonly string[];
  /** `resource_metadata` in the challenges of 401 and 403. */
  readonly resourceMetadataUrl?: string;
}

/** Who may call, and what OAuth clients can read about it. */
export interface AuthorizationOptions {
  readonly bearerMiddlewareOptions?: BearerMiddlewareOptions;
  /** Verifies tokens and makes their servers; takes the place of `server`. */
  readonly bearerTokenProvider?: BearerTokenProvider;
  /** Discovery documents, served as they are under `/.well-known/`. */
  readonly oauth2?: {
    readonly authorizationServerOAuthMetadata?: object;
    readonly protectedResourceOAuthMetadata?: object;
  };
}

/** Options of the plugin: exactly one of `server`, `authorization.bearerTokenProvider` and `tessera`. */
export interface FastifyMcpServerOptions {
  /** A function that makes a server for each session; or one server that all sessions share. */
  readonly server?: McpServerLike | ServerFactory;
  /** Path of the endpoint, below `prefix`. @default '/mcp' */
  readonly endpoint?: string;
  readonly authorization?: AuthorizationOptions;
  /** A tessera of your own to mount. It decides who may call; closing the app does not close it. */
  readonly tessera?: Tessera;
  /** Path in front of the endpoint. */
  readonly prefix?: string;
  /** Caps and time limits. */
  readonly limits?: Partial<Limits>;
  /** How long sessions live. */
  readonly sessions?: SessionOptions;
  /** Origins of web pages that may call. */
  readonly origins?: readonly string[];
  /** `Host` values that are served besides loopback ones. */
  readonly hosts?: readonly string[];
}

/** A tessera to mount, and whether the plugin made it. */
export interface MountedTessera {
  readonly tessera: Tessera;
  readonly owned: boolean;
}

const NAMES: readonly string[] = [
  'server',
  'endpoint',
  'authorization',
  'tessera',
  'limits',
  'sessions',
  'origins',
  'hosts',
];

/** Fastify itself adds these to the options of every plugin. */
const NAMES_OF_FASTIFY: readonly string[] = ['prefix', 'logLevel', 'logSerializers'];

const ONLY_TENANT = 'default';

/** @throws `invalid_option` */
export function toTessera(options: FastifyMcpServerOptions, logger: Logger): MountedTessera {
  const unknown = Object.keys(options).find(
    (name) => !NAMES.includes(name) && !NAMES_OF_FASTIFY.includes(name),
  );
  if (unknown !== undefined) throw invalid(`The option "${unknown}" is unknown. Known: ${NAMES.join(', ')}.`);
  const { server, tessera, authorization = {} } = options;
  const provider = providerOf(options);
  const given = [server, provider, tessera].filter((way) => way !== undefined).length;
  if (given !== 1) {
    throw invalid(
      `Pass exactly one of server, authorization.bearerTokenProvider and tessera; there ${given === 0 ? 'is none' : `are ${String(given)}`}.`,
    );
  }
  if (tessera !== undefined) {
    if (options.authorization !== undefined) {
      throw invalid('A tessera decides by itself who may call: leave authorization out.');
    }
    return { tessera, owned: false };
  }
  return { tessera: makeTessera(options, authorization, provider, logger), owned: true };
}

function makeTessera(
  options: FastifyMcpServerOptions,
  authorization: AuthorizationOptions,
  provider: BearerTokenProvider | undefined,
  logger: Logger,
): Tessera {
  const auth = authOf(authorization, provider);
  const { limits, sessions, origins, hosts, server } = options;
  const { authorizationServerOAuthMetadata, protectedResourceOAuthMetadata } = authorization.oauth2 ?? {};
  const tessera = createTessera({
    auth,
    digest: nodeDigest,
    logger,
    metadata: {
      ...(authorizationServerOAuthMetadata && { authorizationServer: authorizationServerOAuthMetadata }),
      ...(protectedResourceOAuthMetadata && { protectedResource: protectedResourceOAuthMetadata }),
    },
    ...(limits && { limits }),
    ...(sessions && { sessions }),
    ...(origins && { origins }),
    ...(hosts && { hosts }),
  });
  if (server === undefined) return tessera;
  const factory = typeof server === 'function' ? server : shareServer(server, nodeCallContext());
  if (auth === 'none') {
    logger.warn(
      'The MCP endpoint asks for no token: whoever reaches it may use it. Pass authorization to change that.',
    );
    // Users without tokens cannot be told apart, so only the caps of the whole server apply to them.
    const unbounded = { sessions: Infinity, streams: Infinity, calls: Infinity };
    tessera.addTenant({ id: ANONYMOUS_TENANT, server: factory, limits: unbounded });
  } else {
    tessera.addTenant({ id: ONLY_TENANT, server: factory });
  }
  return tessera;
}

function authOf(
  { bearerMiddlewareOptions }: AuthorizationOptions,
  provider: BearerTokenProvider | undefined,
): AuthOptions | 'none' {
  if (bearerMiddlewareOptions === undefined && provider === undefined) return 'none';
  const { verifier, requiredScopes, resourceMetadataUrl } = bearerMiddlewareOptions ?? {};
  return {
    ...(verifier && { verifier }),
    ...(provider ? { provider } : { tenant: ONLY_TENANT }),
    ...(requiredScopes && { requiredScopes }),
    ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
  };
}

/** A provider may also be passed as the verifier alone: what it verifies it can make servers for. */
function providerOf({ server, authorization }: FastifyMcpServerOptions): BearerTokenProvider | undefined {
  const { bearerTokenProvider, bearerMiddlewareOptions } = authorization ?? {};
  const verifier = bearerMiddlewareOptions?.verifier;
  if (bearerTokenProvider !== undefined || server !== undefined) return bearerTokenProvider;
  return verifier !== undefined && 'createServerForToken' in verifier
    ? (verifier as BearerTokenProvider)
    : undefined;
}

function invalid(detail: string): TesseraError {
  return new TesseraError(coreErrors.invalid_option, detail);
}
