import { ANONYMOUS_TENANT, type AuthOptions } from '../auth/auth-options.js';
import type { BearerTokenProvider } from '../auth/token-verifier.js';
import { createTessera } from '../create-tessera.js';
import { coreError } from '../errors/core-error.js';
import type { TesseraError } from '../errors/tessera-error.js';
import type { Digest } from '../keys/keys.js';
import { shareServer, type CallContext } from '../servers/shared-server.js';
import type { Mountable } from '../shared/mount.js';
import type { Logger } from '../shared/platform.js';
import type { Tessera } from '../tessera.js';
import type { AuthorizationOptions, EndpointOptions } from './endpoint-options.js';

/** What the platform brings to the endpoints of an app. */
export interface EndpointPlatform {
  readonly digest: Digest;
  /** Tells the calls on a shared server apart. */
  readonly callContext: () => CallContext;
  readonly logger: Logger;
  /** Names that the framework itself adds to the options. */
  readonly frameworkOptions: readonly string[];
}

/** What is to be mounted. */
export interface Endpoint {
  readonly mountable: Mountable;
  /** Missing when something else is mounted. */
  readonly tessera: Tessera | undefined;
  /** Whether the tessera was made here, so that it is closed with the app. */
  readonly owned: boolean;
}

const NAMES: readonly string[] = [
  'server',
  'endpoint',
  'authorization',
  'tessera',
  'mount',
  'limits',
  'sessions',
  'origins',
  'hosts',
];

const ONLY_TENANT = 'default';

/**
 * What an app mounts when it is given these options.
 *
 * @throws `invalid_option`
 */
export function toEndpoint(options: EndpointOptions, platform: EndpointPlatform): Endpoint {
  const unknown = Object.keys(options).find(
    (name) => !NAMES.includes(name) && !platform.frameworkOptions.includes(name),
  );
  if (unknown !== undefined) throw invalid(`The option "${unknown}" is unknown. Known: ${NAMES.join(', ')}.`);
  const { server, tessera, mount, authorization } = options;
  const provider = providerOf(options);
  const given = [server, provider, tessera, mount].filter((way) => way !== undefined).length;
  if (given !== 1) {
    throw invalid(
      `Pass exactly one of server, authorization.bearerTokenProvider, tessera and mount; there ${given === 0 ? 'is none' : `are ${String(given)}`}.`,
    );
  }
  const mounted = tessera ?? mount;
  if (mounted === undefined) {
    const made = makeTessera(options, provider, platform);
    return { mountable: made, tessera: made, owned: true };
  }
  if (authorization !== undefined) {
    throw invalid(
      `What ${tessera === undefined ? 'mount' : 'a tessera'} serves decides by itself who may call: leave authorization out.`,
    );
  }
  return { mountable: mounted, tessera, owned: false };
}

function makeTessera(
  options: EndpointOptions,
  provider: BearerTokenProvider | undefined,
  { digest, logger, callContext }: EndpointPlatform,
): Tessera {
  const { limits, sessions, origins, hosts, server, authorization = {} } = options;
  const auth = authOf(authorization, provider);
  const { authorizationServerOAuthMetadata, protectedResourceOAuthMetadata } = authorization.oauth2 ?? {};
  const tessera = createTessera({
    auth,
    digest,
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
  const factory = typeof server === 'function' ? server : shareServer(server, callContext());
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
function providerOf({ server, authorization }: EndpointOptions): BearerTokenProvider | undefined {
  const { bearerTokenProvider, bearerMiddlewareOptions } = authorization ?? {};
  const verifier = bearerMiddlewareOptions?.verifier;
  if (bearerTokenProvider !== undefined || server !== undefined) return bearerTokenProvider;
  return verifier !== undefined && 'createServerForToken' in verifier
    ? (verifier as BearerTokenProvider)
    : undefined;
}

function invalid(detail: string): TesseraError {
  return coreError('invalid_option', detail);
}
