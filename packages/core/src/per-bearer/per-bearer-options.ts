import { coreError } from '../errors/core-error.js';
import type { MetadataDocuments } from '../auth/metadata-documents.js';
import { checkEndpoint, type TesseraOptions, type TokenPolicy } from '../options.js';
import { checkChoice, checkNames, checkUrl } from '../shared/check-options.js';
import { consoleLogger, safeLogger, type Logger } from '../shared/platform.js';
import type { TesseraStats } from '../tessera.js';
import type { SessionEvent } from './per-bearer-events.js';

/** Where clients of an OAuth authorization server find it. */
export interface OAuthEndpoints {
  readonly issuer: string | undefined;
  readonly authorizationEndpoint: string | undefined;
  readonly tokenEndpoint: string | undefined;
  /** Leave it out when clients cannot register themselves. */
  readonly registrationEndpoint?: string | undefined;
}

/** Options of the one-line server. Unknown names are refused. */
export interface PerBearerMcpServerOptions {
  /** A port, also as a text such as `process.env.PORT`; 0 takes a free one. @default 0 */
  readonly port?: number | string | undefined;
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Path of the MCP endpoint. @default '/mcp' */
  readonly endpoint?: string | undefined;
  /** Writes one line for each request: method, status, era, milliseconds, tenant, fingerprint. @default false */
  readonly logging?: boolean | undefined;
  /** Serves the two OAuth discovery documents. Default: neither. */
  readonly oauth2?: OAuthEndpoints | undefined;
  /** Public address of the endpoint, for the documents. Default: from the request's `Host`. */
  readonly resource?: string | undefined;
  /** Where request lines and warnings go. @default console */
  readonly logger?: Logger | undefined;
  /** Shows fingerprints instead of tokens in events, statistics and `getTokens()`. @default false */
  readonly redactTokens?: boolean | undefined;
  /** `minimumBits` refuses tokens that are easier to guess. Default: below 128 warns once. */
  readonly tokens?: TokenPolicy | undefined;
  /** Caps and time limits. Default: those of a tessera. */
  readonly limits?: TesseraOptions['limits'] | undefined;
  /** How long sessions live. Default: as in a tessera. */
  readonly sessions?: TesseraOptions['sessions'] | undefined;
  /** Origins of web pages that may call. Default: none; on a loopback address, loopback origins. */
  readonly origins?: readonly string[] | undefined;
  /** `Host` values that are served besides loopback ones. Default: any; on a loopback address, loopback hosts only. */
  readonly hosts?: readonly string[] | undefined;
  /** Where keys come from. Default: random, and gone with the process. */
  readonly keys?: TesseraOptions['keys'] | undefined;
}

/** What the server can tell of itself. */
export interface ServerStats {
  registeredTokens: number;
  /** Tokens with at least one live server. */
  activeServers: TesseraStats['activeServers'];
  activeSessions: number;
  /** Milliseconds since the start; 0 when stopped. */
  uptime: number;
  tokens: string[];
  sessions: SessionEvent[];
}

/** Options with their defaults. */
export interface ResolvedPerBearerOptions {
  readonly port: number;
  readonly host: string;
  readonly endpoint: string;
  readonly logging: boolean;
  readonly logger: Logger;
  readonly redactTokens: boolean;
  /** What the tessera inside is made with. */
  readonly tessera: TesseraOptions;
}

const KNOWN: Readonly<Record<keyof PerBearerMcpServerOptions, true>> = {
  port: true,
  host: true,
  endpoint: true,
  logging: true,
  oauth2: true,
  resource: true,
  logger: true,
  redactTokens: true,
  tokens: true,
  limits: true,
  sessions: true,
  origins: true,
  hosts: true,
  keys: true,
};

const PASSED_ON = ['resource', 'tokens', 'limits', 'sessions', 'origins', 'hosts', 'keys'] as const;

const LARGEST_PORT = 65_535;

/** @throws `invalid_option`, whose message names the option and what it may be */
export function resolvePerBearerOptions(options: PerBearerMcpServerOptions): ResolvedPerBearerOptions {
  checkNames('', options, Object.keys(KNOWN));
  const { host = '127.0.0.1', logging = false, redactTokens = false } = options;
  const logger = safeLogger(options.logger ?? consoleLogger);
  if (typeof host !== 'string' || host === '') {
    throw coreError(
      'invalid_option',
      'host must be an address to listen on, such as "127.0.0.1" or "0.0.0.0".',
    );
  }
  checkChoice('logging', logging, [true, false]);
  checkChoice('redactTokens', redactTokens, [true, false]);
  const endpoint = checkEndpoint(options.endpoint ?? '/mcp');
  const given = PASSED_ON.filter((name) => options[name] !== undefined);
  const metadata = options.oauth2 === undefined ? undefined : oauthDocuments(options.oauth2);
  return {
    port: toPort(options.port ?? 0),
    host,
    endpoint,
    logging,
    logger,
    redactTokens,
    tessera: {
      ...Object.fromEntries(given.map((name) => [name, options[name]])),
      ...(metadata === undefined ? {} : { metadata }),
      endpoint,
      logger,
    },
  };
}

function toPort(port: unknown): number {
  const isText = typeof port === 'string' && /^[0-9]{1,5}$/.test(port.trim());
  const value = isText ? Number(port) : port;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST_PORT)
    return value;
  throw coreError(
    'invalid_option',
    `port must be a number from 0 to ${String(LARGEST_PORT)}, or such a number as text; it is ${JSON.stringify(port)}.`,
  );
}

function oauthDocuments(oauth2: OAuthEndpoints): MetadataDocuments {
  const required = ['issuer', 'authorizationEndpoint', 'tokenEndpoint'] as const;
  checkNames('oauth2.', oauth2, [...required, 'registrationEndpoint']);
  const names =
    'registrationEndpoint' in oauth2 ? ([...required, 'registrationEndpoint'] as const) : required;
  const missing = names.filter((name) => oauth2[name] === undefined);
  if (missing.length > 0) {
    const list = missing.map((name) => `oauth2.${name}`).join(', ');
    throw coreError(
      'invalid_option',
      `${list}: undefined. Set the value, or leave oauth2 out to serve no documents.`,
    );
  }
  for (const name of names) checkUrl(`oauth2.${name}`, oauth2[name]);
  const { issuer, authorizationEndpoint, tokenEndpoint, registrationEndpoint } = oauth2;
  return {
    authorizationServer: {
      issuer,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
      ...(registrationEndpoint === undefined ? {} : { registration_endpoint: registrationEndpoint }),
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
    },
    protectedResource: { authorization_servers: [issuer], bearer_methods_supported: ['header'] },
  };
}
