import type { TesseraEventArguments, TesseraSessionEvent } from './events/tessera-events.js';
import type { TypedEmitter } from './events/typed-emitter.js';
import type { TenantLimits } from './limits/limits.js';
import type { Answer, EdgeRequest, RequestContext } from './shared/edge.js';
import type { MountPlace } from './shared/mount.js';
import type { TenantChanges, TenantOptions, UpdateOptions } from './tenant-options.js';
import type { TenantNotifier } from './tenants/tenant-notifier.js';
import type { TokenOptions } from './tokens/own-tokens.js';

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
  /** Sessions that have let go of their server until their next call. */
  readonly parkedSessions: number;
  /** Open `subscriptions/listen` streams. */
  readonly openListens: number;
  /** Calls of the stateless era that wait for what their handler has asked its client. */
  readonly parkedCalls: number;
  /** Servers of the stateless era that are alive. */
  readonly keptServers: number;
  /** Streams that were cut since the start, because their clients read too slowly. */
  readonly cutStreams: number;
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
