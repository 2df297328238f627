import { coreError } from './errors/core-error.js';
import { deriveKeys, portableDigest, type Digest, type KeyOptions, type Keys } from './keys/keys.js';
import type { AuthOptions } from './auth/auth-options.js';
import { AUTH_OPTION_NAMES, resolveAuth, type ResolvedAuth } from './auth/resolve-auth.js';
import type { MetadataDocuments } from './auth/metadata-documents.js';
import type { CallHooks } from './hooks/call-hooks.js';
import { checkHooks } from './hooks/hooks.js';
import { resolveSessions, type SessionOptions } from './sessions/session-options.js';
import { resolveStores, type StoreOptions } from './sessions/stores/store-options.js';
import { resolveLimits, type Limits } from './limits/limits.js';
import { resolveStateless, type StatelessOptions } from './stateless/stateless-options.js';
import { checkEras } from './shared/check-eras.js';
import { checkDuration, checkList, checkNames, checkUrl } from './shared/check-options.js';
import type { Era } from './shared/model.js';
import { parseHost, parseOrigin } from './shared/host.js';
import {
  consoleLogger,
  safeLogger,
  systemClock,
  systemRandomBytes,
  systemTimers,
  type Clock,
  type Logger,
  type RandomBytes,
  type Timers,
} from './shared/platform.js';

/** What tokens of the tessera's own must be like. */
export interface TokenPolicy {
  /** Refuses tokens whose strength is estimated below this many bits. Default: below 128 warns once. */
  readonly minimumBits?: number;
}

/** Options of `createTessera`. Unknown names are refused. */
export interface TesseraOptions {
  /** Path of the MCP endpoint. @default '/mcp' */
  readonly endpoint?: string;
  /** How callers are recognised; `'none'` lets everybody in, as one tenant with the id `anonymous`. Default: own tokens only. */
  readonly auth?: AuthOptions | 'none';
  /** OAuth discovery documents to serve, readable by everybody. Default: none. */
  readonly metadata?: MetadataDocuments;
  /** Caps and time limits, those of a tenant included. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Partial<Limits>;
  /** How long sessions live. Default: half an hour without use, else without end. */
  readonly sessions?: SessionOptions;
  /** Which eras are served: MCP 2025-11-25 and earlier have sessions, 2026-07-28 and later have none. Default: both. */
  readonly eras?: readonly Era[];
  /** How MCP 2026-07-28 is served. Default: see each option. */
  readonly stateless?: StatelessOptions;
  /**
   * Milliseconds for which the lists of a server are remembered, so that their schemas are not converted for each client that
   * asks. A change that the server tells of is seen at once. 0 remembers nothing. @default 1000
   */
  readonly rememberListsMs?: number;
  /** Where things are kept that outlive a connection. Default: in memory. */
  readonly stores?: StoreOptions;
  /** Who is asked before calls and told of their end; those of a tenant come after these. Default: nobody. */
  readonly hooks?: CallHooks;
  /** What tokens must be like. Default: a weak one is warned of once. */
  readonly tokens?: TokenPolicy;
  /**
   * Origins of web pages that may call, such as `https://app.example.com`. Requests without an `Origin` header are
   * not affected. Default: none; on a loopback bind, loopback origins.
   */
  readonly origins?: readonly string[];
  /**
   * `Host` values that are served, with or without a port. Default: any; on a loopback bind, loopback hosts only,
   * to which these are added.
   */
  readonly hosts?: readonly string[];
  /** Public address of the endpoint, for metadata documents. Default: from the request's `Host`. */
  readonly resource?: string;
  /** Where keys come from. Default: random, and gone with the process. */
  readonly keys?: KeyOptions;
  /** HMAC-SHA-256. Default: a portable one; `nodeDigest` of `@tessera-mcp/node` is faster. */
  readonly digest?: Digest;
  /** Where warnings go. @default console */
  readonly logger?: Logger;
  /** Tells the time. Default: the platform's clock. */
  readonly clock?: Clock;
  /** Calls back later. Default: the platform's timers. */
  readonly timers?: Timers;
  /** Where session ids, error ids and keys come from. Default: the platform's generator. */
  readonly randomBytes?: RandomBytes;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly endpoint: string;
  readonly auth: ResolvedAuth;
  readonly metadata: MetadataDocuments;
  readonly limits: Limits;
  readonly sessions: Readonly<Required<SessionOptions>>;
  readonly eras: ReadonlySet<Era>;
  readonly stateless: Readonly<Required<StatelessOptions>>;
  readonly rememberListsMs: number;
  readonly stores: StoreOptions;
  readonly hooks: CallHooks | undefined;
  readonly minimumBits: number | undefined;
  readonly origins: ReadonlySet<string>;
  readonly hosts: readonly string[] | undefined;
  readonly resource: string | undefined;
  readonly keys: Keys;
  readonly digest: Digest;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly randomBytes: RandomBytes;
}

const REMEMBER_LISTS_MS = 1000;

const KNOWN: Readonly<Record<keyof TesseraOptions, true>> = {
  endpoint: true,
  auth: true,
  metadata: true,
  limits: true,
  sessions: true,
  eras: true,
  stateless: true,
  rememberListsMs: true,
  stores: true,
  hooks: true,
  tokens: true,
  origins: true,
  hosts: true,
  resource: true,
  keys: true,
  digest: true,
  logger: true,
  clock: true,
  timers: true,
  randomBytes: true,
};

/**
 * Validates options, fills in the defaults and freezes the result. The caller's object is not changed.
 *
 * @throws `invalid_option`, whose message names the option and what it may be
 */
export function resolveOptions(options: TesseraOptions = {}): ResolvedOptions {
  checkNames('', options, Object.keys(KNOWN));
  const { tokens = {}, resource, hosts } = options;
  if (options.auth !== undefined && options.auth !== 'none') {
    checkNames('auth.', options.auth, AUTH_OPTION_NAMES);
  }
  const auth = resolveAuth(options.auth);
  checkNames('tokens.', tokens, ['minimumBits']);
  const randomBytes = options.randomBytes ?? systemRandomBytes;
  if (resource !== undefined) checkUrl('resource', resource);
  return Object.freeze({
    endpoint: checkEndpoint(options.endpoint ?? '/mcp'),
    auth,
    metadata: resolveMetadata(options.metadata),
    limits: resolveLimits(options.limits),
    sessions: resolveSessions(options.sessions),
    eras: checkEras(options.eras),
    stateless: resolveStateless(options.stateless),
    rememberListsMs: checkDuration('rememberListsMs', options.rememberListsMs ?? REMEMBER_LISTS_MS),
    stores: resolveStores(options.stores, options.keys),
    hooks: checkHooks('hooks.', options.hooks),
    minimumBits: checkMinimumBits(tokens.minimumBits),
    origins: new Set(checkList('origins', options.origins ?? []).map(checkOrigin)),
    hosts: hosts === undefined ? undefined : checkList('hosts', hosts).map(checkHostName),
    resource,
    keys: deriveKeys(options.keys, randomBytes),
    digest: options.digest ?? portableDigest,
    logger: safeLogger(options.logger ?? consoleLogger),
    clock: options.clock ?? systemClock,
    timers: options.timers ?? systemTimers,
    randomBytes,
  });
}

/** @throws `invalid_option` */
export function checkEndpoint(endpoint: unknown): string {
  const isPath = typeof endpoint === 'string' && /^\/[\w\-./~%]*$/.test(endpoint) && !endpoint.includes('//');
  if (isPath) return endpoint;
  throw coreError(
    'invalid_option',
    `endpoint must be a path that starts with a slash, such as "/mcp"; it is ${JSON.stringify(endpoint)}.`,
  );
}

function checkHostName(host: string): string {
  if (typeof host === 'string' && parseHost(host) !== undefined) return host.toLowerCase();
  throw coreError(
    'invalid_option',
    `hosts must hold values like "mcp.example.com" or "mcp.example.com:8443"; one is ${JSON.stringify(host)}.`,
  );
}

function checkMinimumBits(bits: number | undefined): number | undefined {
  if (bits === undefined || (typeof bits === 'number' && bits >= 0)) return bits;
  throw coreError('invalid_option', 'tokens.minimumBits must be a number of bits, such as 128.');
}

function resolveMetadata(given: MetadataDocuments = {}): MetadataDocuments {
  checkNames('metadata.', given, ['authorizationServer', 'protectedResource']);
  const { resource } = (given.protectedResource ?? {}) as { resource?: unknown };
  if (resource !== undefined) checkUrl('metadata.protectedResource.resource', resource);
  return given;
}

function checkOrigin(origin: string): string {
  if (typeof origin === 'string' && parseOrigin(origin) !== undefined) return origin.toLowerCase();
  throw coreError(
    'invalid_option',
    `origins must hold values like "https://app.example.com", without a path; one is ${JSON.stringify(origin)}.`,
  );
}
