import { coreError } from './errors/core-error.js';
import { deriveKeys, portableDigest, type Digest, type KeyOptions, type Keys } from './keys/keys.js';
import type { AuthOptions } from './auth/auth-options.js';
import { AUTH_OPTION_NAMES, resolveAuth, type ResolvedAuth } from './auth/resolve-auth.js';
import type { MetadataDocuments } from './auth/metadata-documents.js';
import { resolveLimits, type Limits } from './limits/limits.js';
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

/** How sessions live. */
export interface SessionOptions {
  /** Milliseconds without a call or an open stream after which a session ends. @default 1800000 (30 min) */
  readonly idleMs?: number;
  /** Milliseconds after which a session ends in any case. @default Infinity */
  readonly lifetimeMs?: number;
  /** Milliseconds after which the answer of a call becomes an event stream. @default 5000 */
  readonly upgradeAfterMs?: number;
  /** Milliseconds between the comments that keep a quiet stream alive. @default 15000 */
  readonly keepAliveMs?: number;
}

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

const KNOWN: Readonly<Record<keyof TesseraOptions, true>> = {
  endpoint: true,
  auth: true,
  metadata: true,
  limits: true,
  sessions: true,
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

const DEFAULT_SESSIONS: Required<SessionOptions> = {
  idleMs: 1_800_000,
  lifetimeMs: Infinity,
  upgradeAfterMs: 5000,
  keepAliveMs: 15_000,
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

/**
 * Refuses names that do not exist, so that a misspelt option is not silently ignored.
 *
 * @throws `invalid_option`
 */
export function checkNames(prefix: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw coreError(
      'invalid_option',
      `${prefix === '' ? 'The options' : prefix.slice(0, -1)} must be an object.`,
    );
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw coreError(
      'invalid_option',
      `The option "${prefix}${name}" is unknown. Known: ${known.join(', ')}.`,
    );
  }
}

/** @throws `invalid_option` */
export function checkDuration(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw coreError('invalid_option', `${name} must be a number of milliseconds, 0 or more.`);
}

/** @throws `invalid_option` */
export function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (choices.includes(value)) return;
  const list = choices.map((choice) => JSON.stringify(choice)).join(' or ');
  throw coreError('invalid_option', `${name} must be ${list}; it is ${JSON.stringify(value)}.`);
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

/** @throws `invalid_option` */
export function checkUrl(name: string, value: unknown): string {
  if (typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)) return value;
  throw coreError(
    'invalid_option',
    `${name} must be an http or https address; it is ${JSON.stringify(value)}.`,
  );
}

function checkList(name: string, list: unknown): readonly string[] {
  if (Array.isArray(list)) return list as string[];
  throw coreError('invalid_option', `${name} must be an array of texts.`);
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

function resolveSessions(given: SessionOptions = {}): Required<SessionOptions> {
  checkNames('sessions.', given, Object.keys(DEFAULT_SESSIONS));
  const filled = { ...DEFAULT_SESSIONS };
  for (const name of Object.keys(DEFAULT_SESSIONS) as (keyof SessionOptions)[]) {
    const value = given[name] ?? DEFAULT_SESSIONS[name];
    if (typeof value !== 'number' || !(value > 0)) {
      throw coreError('invalid_option', `sessions.${name} must be a number of milliseconds above 0.`);
    }
    filled[name] = value;
  }
  return Object.freeze(filled);
}
