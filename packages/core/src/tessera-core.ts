import { Access, removedAnswer, type MutableFlowState } from './access.js';
import type { TesseraEventArguments, TesseraSessionEvent } from './events/tessera-events.js';
import { TypedEmitter } from './events/typed-emitter.js';
import { handle, servedPaths, servesPath, type HandleParts } from './handle.js';
import { resolveTenantLimits } from './limits/limits.js';
import type { Answer, EdgeRequest, RequestContext } from './shared/edge.js';
import { checkChoice, checkDuration, checkNames } from './shared/check-options.js';
import type { SessionEndReason } from './shared/model.js';
import { toResponse } from './shared/to-response.js';
import {
  resolveTenant,
  type TenantChanges,
  type TenantOptions,
  type UpdateOptions,
} from './tenant-options.js';
import { tenantInfo, tokenEvent, tokenInfo } from './tessera-info.js';
import { sessionEvent } from './tenants/session-events.js';
import type { Tenant } from './tenants/tenant.js';
import { tenantNotifier, type TenantNotifier } from './tenants/tenant-notifier.js';
import { endpointOf } from './shared/mount.js';
import { checkFactory } from './shared/check-factory.js';
import type { TenantInfo, Tessera, TesseraStats, TokenInfo } from './tessera.js';
import type { TesseraParts } from './tessera-parts.js';
import { TOKEN_OPTION_NAMES, type TokenOptions } from './tokens/own-tokens.js';
import { TokenPolicyCheck } from './tokens/token-policy.js';
import type { TokenRecord } from './tokens/token-registry.js';

const DRAIN_POLL_MS = 20;
const DEFAULT_GRACE_MS = 5000;
const DEFAULT_DRAIN_MS = 1_800_000;

/** The object behind `createTessera`: management on this side, the flow on the other. */
export class TesseraCore extends TypedEmitter<TesseraEventArguments> implements Tessera {
  readonly fetch: Tessera['fetch'];
  readonly handle: Tessera['handle'];
  readonly serves: Tessera['serves'];
  readonly paths: Tessera['paths'];
  readonly endpoint: string;
  readonly requiresToken: boolean;
  readonly #parts: TesseraParts;
  readonly #policy: TokenPolicyCheck;
  readonly #state: MutableFlowState = { phase: 'open', accessVersion: 0 };
  readonly #access: Access;
  /** The drain that is going on; a second one waits for it. */
  #draining: Promise<void> | undefined;
  /** The end; whoever closes it again waits for it too. */
  #closing: Promise<void> | undefined;

  constructor(parts: TesseraParts) {
    super(parts.events);
    this.#parts = parts;
    this.endpoint = parts.options.endpoint;
    this.requiresToken = !parts.options.auth.anonymous;
    this.#policy = new TokenPolicyCheck(parts.options.minimumBits, parts.options.logger);
    this.#access = new Access(parts, this.#state);
    const flowParts: HandleParts = {
      ...parts,
      state: this.#state,
      verified: this.#access.verified,
      tokenRefused: (token) => {
        this.#access.tokenRefused(token);
      },
      adoptTenant: (caller) => this.#access.adoptTenant(caller),
    };
    this.handle = (request: EdgeRequest, context: RequestContext = {}): Promise<Answer> =>
      handle(request, context, flowParts);
    this.paths = (place = {}) => servedPaths(endpointOf(place, parts.options.endpoint), parts.options);
    this.serves = (path, place = {}) =>
      servesPath(path, endpointOf(place, parts.options.endpoint), parts.options);
    this.fetch = async (request, context) => toResponse(await this.handle(request, context));
  }

  addTenant(given: TenantOptions): void {
    const { tenants, options, services, events } = this.#parts;
    const { id, tokens = [], enabled = true } = given;
    const tenant = tenants.add({ ...resolveTenant(given, options), services, events });
    tenant.enabled = enabled;
    try {
      const records = tokens.map((token) => {
        // A program in plain JavaScript may pass anything; what is no object is checked as a token.
        const { token: text, ...rest } = token instanceof Object ? token : { token };
        checkNames('tokens[].', rest, TOKEN_OPTION_NAMES);
        return this.#storeToken(id, text, rest);
      });
      events.emit('tenantAdded', { tenantId: id });
      for (const record of records) events.emit('tokenAdded', tokenEvent(record));
    } catch (thrown) {
      this.#parts.tokens.removeAll(id);
      tenants.remove(id);
      throw thrown;
    }
  }

  async updateTenant(id: string, changes: TenantChanges, given: UpdateOptions = {}): Promise<void> {
    checkNames('', changes, ['server', 'enabled', 'limits']);
    checkNames('', given, ['sessions', 'graceMs']);
    const { sessions = 'swap' } = given;
    checkChoice('sessions', sessions, ['swap', 'drain', 'end']);
    const graceMs = checkDuration('graceMs', given.graceMs ?? DEFAULT_DRAIN_MS);
    const { tenants, events } = this.#parts;
    const tenant = tenants.get(id);
    if (changes.server !== undefined) checkFactory(changes.server);
    if (changes.enabled !== undefined) checkChoice('enabled', changes.enabled, [true, false]);
    if (changes.limits !== undefined) tenant.limits = resolveTenantLimits(tenant.limits, changes.limits);
    if (changes.enabled !== undefined) this.#setEnabled(tenant, changes.enabled);
    const { server, ...others } = changes;
    const replaced = server === undefined || (await tenant.replaceServer(server, { sessions, graceMs }));
    // An update that was overtaken has changed nothing, and of a tenant that is gone there is nothing to tell.
    if (!replaced && Object.keys(others).length === 0) return;
    if (tenants.find(id) !== tenant) return;
    events.emit('tenantUpdated', { tenantId: id, generation: tenant.generation });
  }

  removeTenant(id: string): boolean {
    const { tenants, tokens, events } = this.#parts;
    const tenant = tenants.remove(id);
    if (tenant === undefined) return false;
    const removed = tokens.removeAll(id);
    this.#state.accessVersion += 1;
    tenant.remove(removedAnswer());
    for (const record of removed) events.emit('tokenRemoved', tokenEvent(record));
    events.emit('tenantRemoved', { tenantId: id });
    return true;
  }

  getTenant(id: string): TenantInfo | undefined {
    const tenant = this.#parts.tenants.find(id);
    return tenant === undefined ? undefined : tenantInfo(tenant);
  }

  tenants(): TenantInfo[] {
    return this.#parts.tenants.all().map(tenantInfo);
  }

  addToken(tenantId: string, token: string, options: TokenOptions = {}): TokenInfo {
    checkNames('', options, TOKEN_OPTION_NAMES);
    this.#parts.tenants.get(tenantId);
    const record = this.#storeToken(tenantId, token, options);
    this.#parts.events.emit('tokenAdded', tokenEvent(record));
    return tokenInfo(record);
  }

  rotateToken(oldToken: string, newToken: string, options: { readonly graceMs?: number } = {}): TokenInfo {
    checkNames('', options, ['graceMs']);
    const { tokens, events } = this.#parts;
    this.#policy.check(newToken);
    const record = tokens.rotate(oldToken, newToken, checkDuration('graceMs', options.graceMs ?? 0));
    this.#state.accessVersion += 1;
    events.emit('tokenRotated', tokenEvent(record));
    return tokenInfo(record);
  }

  removeToken(token: string | { readonly tokenId: string }): boolean {
    const { tokens, tenants, events } = this.#parts;
    const tokenId = typeof token === 'string' ? tokens.findToken(token)?.tokenId : token.tokenId;
    const record = tokenId === undefined ? undefined : tokens.remove(tokenId);
    if (record === undefined) return false;
    this.#state.accessVersion += 1;
    tenants.find(record.tenantId)?.endToken(record.tokenId, removedAnswer());
    events.emit('tokenRemoved', tokenEvent(record));
    return true;
  }

  hasToken(token: string): boolean {
    return this.findToken(token) !== undefined;
  }

  /** What is kept of one of its own tokens. */
  findToken(token: string): TokenRecord | undefined {
    return typeof token === 'string' ? this.#parts.tokens.findToken(token) : undefined;
  }

  notify(tenantId: string): TenantNotifier {
    return tenantNotifier(this.#parts.tenants.get(tenantId));
  }

  getStats(): TesseraStats {
    const tenants = this.#parts.tenants.all();
    const total = (count: (tenant: Tenant) => number): number =>
      tenants.reduce((sum, tenant) => sum + count(tenant), 0);
    return {
      tenants: tenants.length,
      tokens: this.#parts.tokens.size,
      activeServers: total(hasServer),
      activeSessions: total(({ sessions }) => sessions.size),
      callsInFlight: total(({ admission }) => admission.shares.calls.held),
      openStreams: total(({ admission }) => admission.shares.streams.held),
      parkedSessions: total(({ sessions }) => sessions.parked),
      openListens: total(({ stateless }) => stateless.listens),
      parkedCalls: total(({ stateless }) => stateless.parkedCalls),
      keptServers: total(({ stateless }) => stateless.keptServers),
      cutStreams: total(({ sessions, stateless }) => sessions.cutStreams + stateless.cutStreams),
    };
  }

  getActiveSessions(): TesseraSessionEvent[] {
    return this.#parts.tenants.all().flatMap(({ sessions }) => sessions.all().map(sessionEvent));
  }

  ready(): boolean {
    return this.#state.phase === 'open';
  }

  async drain(options: { readonly graceMs?: number } = {}): Promise<void> {
    checkNames('', options, ['graceMs']);
    const graceMs = checkDuration('graceMs', options.graceMs ?? DEFAULT_GRACE_MS);
    this.#draining ??= this.pause(graceMs).then(() => this.close());
    await this.#draining;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    this.#state.phase = 'closed';
    this.#endSessions('stopped');
    this.#parts.services.heartbeat.close();
    this.#parts.services.spread.close();
    this.#access.detach();
    return this.#parts.services.keeper?.settled() ?? Promise.resolve();
  }

  /** Takes no new sessions, lets calls finish for a while, and ends the sessions. `resume` undoes it. */
  async pause(graceMs: number): Promise<void> {
    if (this.#state.phase !== 'open') return;
    this.#state.phase = 'draining';
    const { clock, timers } = this.#parts.options;
    const until = clock.monotonic() + graceMs;
    for (const tenant of this.#parts.tenants.all()) tenant.quiesce();
    while (this.getStats().callsInFlight > 0 && clock.monotonic() < until) {
      await new Promise<void>((resolve) => {
        timers.setTimeout(resolve, DRAIN_POLL_MS);
      });
    }
    this.#endSessions('stopped');
  }

  /** Takes new sessions again. */
  resume(): void {
    if (this.#state.phase === 'draining') this.#state.phase = 'open';
  }

  #storeToken(tenantId: string, token: string, options: TokenOptions): TokenRecord {
    this.#policy.check(token);
    return this.#parts.tokens.add(tenantId, token, options);
  }

  #setEnabled(tenant: Tenant, enabled: boolean): void {
    this.#state.accessVersion += 1;
    if (enabled) tenant.enabled = true;
    else tenant.disable();
  }

  #endSessions(reason: SessionEndReason): void {
    for (const tenant of this.#parts.tenants.all()) tenant.endSessions(reason);
  }
}

/** Whether a tenant has a server that is alive. */
function hasServer({ sessions, stateless }: Tenant): number {
  return sessions.size > sessions.parked || stateless.keptServers > 0 ? 1 : 0;
}
