import type { TesseraEventArguments, TesseraSessionEvent } from './events/tessera-events.js';
import type { TypedEmitter } from './events/typed-emitter.js';
import type { TenantLimits } from './limits/limits.js';
import type { ServerFactory } from './servers/server-factory.js';
import type { Answer, EdgeRequest, RequestContext } from './shared/edge.js';
import type { MountPlace } from './shared/mount.js';
import type { SessionsOnUpdate } from './tenants/generations.js';
import type { TenantNotifier } from './tenants/tenant-notifier.js';
import type { TokenOptions } from './tokens/own-tokens.js';

/** A tenant to add. */
export interface TenantOptions {
  /** What the program knows the tenant by: 1 to 256 characters. It appears in events and logs. */
  readonly id: string;
  /** Makes the tenant's MCP servers, one for each session. */
  readonly server: ServerFactory;
  /** Tokens that open this tenant; more can be added later. @default [] */
  readonly tokens?: readonly (string | ({ readonly token: string } & TokenOptions))[];
  /** Caps that differ from those of the tessera. Default: none do. */
  readonly limits?: Partial<TenantLimits>;
  /**
   * Whether the caps are for the tenant or for each of its users. Default: `subject` for a tenant whose callers a
   * verifier lets in, because they are many users; else `tenant`.
   */
  readonly limitsPer?: 'tenant' | 'subject';
  /** Whether its tokens are let in. @default true */
  readonly enabled?: boolean;
  /** The program's own notes; kept as they are. @default {} */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What can be changed of a tenant. */
export interface TenantChanges {
  readonly server?: ServerFactory;
  /** False turns its tokens away with 403 and ends its open streams; its sessions stay for when it is true again. */
  readonly enabled?: boolean;
  readonly limits?: Partial<TenantLimits>;
}

/** How a change of the server treats sessions that are open. */
export interface UpdateOptions {
  /**
   * `swap`: the new server takes over each session with its next call; calls in flight finish on the old one, and clients
   * hear that their lists have changed. `drain`: they keep the server they have until they end. `end`: they end as
   * soon as the new server has been tried out. @default 'swap'
   */
  readonly sessions?: SessionsOnUpdate;
  /** With `drain`: milliseconds after which sessions that still have the old server end. @default 1800000 (30 min) */
  readonly graceMs?: number;
}

/** A tenant as it is now. */
export interface TenantInfo {
  readonly id: string;
  readonly enabled: boolean;
  /** Counts its server factories, from 1. */
  readonly generation: number;
  /** The name its newest server gave; missing until a server has answered. */
  readonly serverName?: string;
  readonly activeSessions: number;
  readonly limits: TenantLimits;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What is known of a token; never the token itself. */
export interface TokenInfo {
  readonly tokenId: string;
  /** 12 hexadecimal digits, as in events and logs. */
  readonly fingerprint: string;
}

/** Counts of the moment. */
export interface TesseraStats {
  readonly tenants: number;
  readonly tokens: number;
  /** Tenants with at least one live server instance. */
  readonly activeServers: number;
  readonly activeSessions: number;
  readonly callsInFlight: number;
  readonly openStreams: number;
}

/** Many MCP servers behind one endpoint: requests in, answers out, tenants managed while it runs. */
export interface Tessera extends TypedEmitter<TesseraEventArguments> {
  /**
   * Answers a Web request. Never rejects. The function needs no `this`, so it can be passed on alone.
   *
   * @param context what only the caller knows, such as a body that was parsed already
   */
  readonly fetch: (request: Request, context?: RequestContext) => Promise<Response>;
  /** The same for adapters: takes any request-like object, and gives an answer that is not a `Response` yet. */
  readonly handle: (request: EdgeRequest, context?: RequestContext) => Promise<Answer>;
  /**
   * Whether a path is the tessera's own: its endpoint, or one of the metadata documents. An adapter leaves all other
   * paths to the routes beside it.
   *
   * @param place where the tessera is mounted: below a prefix such as `/api`, or at an endpoint that differs from its own
   */
  readonly serves: (path: string, place?: MountPlace) => boolean;
  /** The same as a list, for routers that want to know paths before anybody asks: the endpoint comes first. */
  readonly paths: (place?: MountPlace) => string[];

  /** @throws `duplicate_tenant`, `duplicate_token`, `malformed_token`, `weak_token`, `invalid_factory`, `invalid_option` */
  addTenant(options: TenantOptions): void;
  /**
   * Changes a tenant. `limits` and `enabled` apply at once. With sessions open, a new server is tried out first; until
   * that is done, new sessions wait. The promise rejects, and the server stays as it was, when the new one does not
   * work; it resolves without effect when a later update has overtaken this one.
   *
   * Rejects with `unknown_tenant`, `invalid_factory`, `invalid_option`, `factory_failed` and its kin
   */
  updateTenant(id: string, changes: TenantChanges, options?: UpdateOptions): Promise<void>;
  /** Removes a tenant with its tokens and sessions; false when there was none. */
  removeTenant(id: string): boolean;
  getTenant(id: string): TenantInfo | undefined;
  tenants(): TenantInfo[];

  /** @throws `unknown_tenant`, `duplicate_token`, `malformed_token`, `weak_token`, `invalid_option` */
  addToken(tenantId: string, token: string, options?: TokenOptions): TokenInfo;
  /**
   * Replaces a token by another one of the same tenant; its id and its sessions stay.
   *
   * @param options `graceMs`: for how long the old token is still accepted, in milliseconds (default 0)
   * @throws `unknown_token`, `duplicate_token`, `malformed_token`, `weak_token`
   */
  rotateToken(oldToken: string, newToken: string, options?: { readonly graceMs?: number }): TokenInfo;
  /** Removes a token and ends its sessions at once; false when there was none. */
  removeToken(token: string | { readonly tokenId: string }): boolean;
  hasToken(token: string): boolean;

  /** @throws `unknown_tenant` */
  notify(tenantId: string): TenantNotifier;

  getStats(): TesseraStats;
  getActiveSessions(): TesseraSessionEvent[];
  /** The path of the endpoint where the tessera is not mounted below a prefix. */
  readonly endpoint: string;
  /** Whether a token is needed; false with `auth: 'none'`. */
  readonly requiresToken: boolean;
  /** Whether new sessions are taken. */
  ready(): boolean;
  /** Refuses new sessions, lets calls in flight finish for up to `graceMs` milliseconds, then closes. */
  drain(options?: { readonly graceMs?: number }): Promise<void>;
  /** Ends everything at once. Does nothing the second time. */
  close(): Promise<void>;
}
