import { coreError } from '../errors/core-error.js';
import type { TesseraError } from '../errors/tessera-error.js';
import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments } from '../events/tessera-events.js';
import type { TenantLimits } from '../limits/limits.js';
import { retryAfter } from '../limits/retry-after.js';
import { authInfoOf, type Caller } from '../shared/caller.js';
import type { ServerFactory } from '../servers/server-factory.js';
import { isServerFailure } from '../servers/server-maker.js';
import type { Answer } from '../shared/edge.js';
import type { JsonRpcNotification, JsonRpcRequest } from '../shared/json-rpc.js';
import type { Principal, ServerIdentity, SessionEndReason } from '../shared/model.js';
import {
  SessionManager,
  type OpenSession,
  type OpenedSession,
  type SessionServices,
  type TenantSessionObserver,
} from '../sessions/session-manager.js';
import type { Session } from '../sessions/session.js';
import { Gate } from './gate.js';
import { observeSessions, sessionEvent } from './session-events.js';

/** One version of a tenant's server factory. */
interface Generation {
  readonly number: number;
  readonly factory: ServerFactory;
}

/** What becomes of live sessions when a tenant's server is replaced. */
export type SessionsOnUpdate = 'drain' | 'end';

/** What a tenant is made of. */
export interface TenantParts {
  readonly id: string;
  readonly factory: ServerFactory;
  readonly limits: TenantLimits;
  /** Whether caps are for each user, because all users are one tenant. @default false */
  readonly perSubject?: boolean;
  /** Told when its last session has ended, for a tenant that exists only as long as it is used. */
  readonly onUnused?: () => void;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly services: SessionServices;
  readonly events: EventBus<TesseraEventArguments>;
}

/** A session that is being opened. */
interface Opening {
  readonly principal: Principal;
  /** Set when it is no longer wanted; the client is told so, and nothing is kept. */
  refusal?: TesseraError;
}

/** One customer: a server factory, limits, and the sessions that came of them. */
export class Tenant {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sessions: SessionManager;
  enabled = true;
  limits: TenantLimits;
  readonly #events: EventBus<TesseraEventArguments>;
  readonly #clock: SessionServices['clock'];
  readonly #onUnused: (() => void) | undefined;
  readonly #openings = new Set<Opening>();
  /** Requests on their way through it. */
  #requests = 0;
  #generation: Generation;
  #newestNumber = 1;
  /** What the newest generation that made an instance said of itself. */
  #announced: { readonly generation: number; readonly server: ServerIdentity } | undefined;
  /** Closed while the newest server is being tried out; sessions that are being opened wait for it. */
  #gate: Gate | undefined;
  #removed = false;

  constructor(parts: TenantParts) {
    this.id = parts.id;
    this.limits = parts.limits;
    this.metadata = parts.metadata;
    this.#events = parts.events;
    this.#clock = parts.services.clock;
    this.#onUnused = parts.onUnused;
    this.#generation = { number: 1, factory: parts.factory };
    this.sessions = new SessionManager(
      parts.id,
      parts.perSubject ?? false,
      parts.services,
      this.#observe(observeSessions(parts.events, parts.services.clock)),
    );
  }

  get generation(): number {
    return this.#generation.number;
  }

  /** The name of the server that answered last, if one ever did. */
  get serverName(): string | undefined {
    return this.#announced?.server.name;
  }

  /** Opens a session with the newest server. */
  async open(
    { principal, makeServer }: Pick<Caller, 'principal' | 'makeServer'>,
    initialize: Pick<OpenSession, 'request' | 'extra' | 'clientGone'>,
  ): Promise<OpenedSession> {
    const opening: Opening = { principal };
    this.#openings.add(opening);
    try {
      while (this.#gate !== undefined) await this.#gate.opened;
      const generation = this.#generation;
      const wish = { ...initialize, principal, factory: makeServer ?? generation.factory };
      const opened = await this.sessions.open(wish, this.limits, () => opening.refusal);
      if (opened.session !== undefined) this.#opened(generation, opened.session);
      return opened;
    } catch (thrown) {
      this.#reportFailure(thrown);
      throw thrown;
    } finally {
      this.#openings.delete(opening);
    }
  }

  /** A request has come that will need the tenant until `leave` is called. */
  enter(): void {
    this.#requests += 1;
  }

  leave(): void {
    this.#requests -= 1;
    this.#releaseIfUnused();
  }

  /**
   * Replaces the server factory for new sessions. With sessions open, the new one is tried out first; if it fails,
   * nothing changes and the promise rejects. The last update wins.
   */
  replaceServer(factory: ServerFactory, sessions: SessionsOnUpdate): Promise<void> {
    this.#newestNumber += 1;
    const next: Generation = { number: this.#newestNumber, factory };
    const sample = this.sessions.all().at(-1);
    if (sample === undefined) {
      this.#generation = next;
      return Promise.resolve();
    }
    const gate = new Gate();
    // Whoever waits for an older trial waits for this one instead.
    this.#gate?.open();
    this.#gate = gate;
    return this.#tryOut(next, sample, sessions).finally(() => {
      if (this.#gate === gate) this.#gate = undefined;
      gate.open();
    });
  }

  /**
   * Ends what hangs on a token: its sessions, and those that are just being opened. Returns the principal of one
   * of them, if there were any.
   */
  endToken(tokenId: string, answer: Answer): Principal | undefined {
    this.#refuseOpenings(tokenRemoved(), (principal) => principal.tokenId === tokenId);
    const ending = this.sessions.all().filter((session) => session.principal.tokenId === tokenId);
    for (const session of ending) session.end('revoked', answer);
    return ending[0]?.principal;
  }

  /** Ends everything of a tenant that is no more. */
  remove(answer: Answer): void {
    this.#removed = true;
    const hadActiveSessions = this.sessions.size > 0;
    this.#refuseOpenings(tokenRemoved());
    this.sessions.endAll('tenantRemoved', answer);
    if (this.#announced === undefined) return;
    this.#events.emit('serverRemoved', {
      tenantId: this.id,
      serverName: this.#announced.server.name,
      hadActiveSessions,
      removedAt: new Date(this.#clock.now()),
    });
  }

  /** Says something to the sessions it concerns, as their server would. */
  notify(notification: JsonRpcNotification, concerns: (session: Session) => boolean): void {
    for (const session of this.sessions.all()) if (concerns(session)) session.tell(notification);
  }

  /** Ends the GET streams of all sessions; the sessions stay. */
  endStreams(): void {
    for (const session of this.sessions.all()) session.streams.close();
  }

  /** Ends all sessions and keeps the tenant. */
  endSessions(reason: SessionEndReason): void {
    this.#refuseOpenings(
      coreError('draining', 'The server takes no new sessions. Try again later.', { headers: retryAfter() }),
    );
    this.sessions.endAll(reason);
  }

  async #tryOut(next: Generation, sample: Session, sessions: SessionsOnUpdate): Promise<void> {
    const { principal, record } = sample;
    const params = { ...record?.initialize, protocolVersion: record?.protocolVersion };
    const request: JsonRpcRequest = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
    try {
      const extra = { authInfo: authInfoOf(principal) };
      const server = await this.sessions.tryOut({ principal, factory: next.factory, request, extra });
      if (this.#removed || next.number < this.#generation.number) return;
      this.#generation = next;
      this.#announce(next, server);
      if (sessions === 'end') this.sessions.endAll('updated');
    } catch (thrown) {
      this.#reportFailure(thrown);
      throw thrown;
    }
  }

  #observe(observer: TenantSessionObserver): TenantSessionObserver {
    return {
      ...observer,
      ended: (session, reason) => {
        observer.ended(session, reason);
        this.#releaseIfUnused();
      },
    };
  }

  /** Lets go of a tenant that exists only as long as it is used, if it is not used. */
  #releaseIfUnused(): void {
    if (this.sessions.size === 0 && this.#requests === 0) this.#onUnused?.();
  }

  #refuseOpenings(refusal: TesseraError, which: (principal: Principal) => boolean = () => true): void {
    for (const opening of this.#openings) if (which(opening.principal)) opening.refusal = refusal;
  }

  #opened(generation: Generation, session: Session): void {
    if (session.record !== undefined) this.#announce(generation, session.record.server);
    this.#events.emit('sessionCreated', sessionEvent(session));
  }

  #announce(generation: Generation, server: ServerIdentity): void {
    const before = this.#announced;
    if (before !== undefined && before.generation >= generation.number) return;
    this.#announced = { generation: generation.number, server };
    const at = new Date(this.#clock.now());
    if (before === undefined) {
      const { name: serverName, version: serverVersion } = server;
      this.#events.emit('serverRegistered', {
        tenantId: this.id,
        serverName,
        serverVersion,
        registeredAt: at,
      });
    } else {
      const oldServerName = before.server.name;
      this.#events.emit('serverUpdated', {
        tenantId: this.id,
        oldServerName,
        newServerName: server.name,
        updatedAt: at,
      });
    }
  }

  #reportFailure(thrown: unknown): void {
    if (!isServerFailure(thrown)) return;
    this.#events.emit('serverFailed', { tenantId: this.id, error: thrown });
  }
}

function tokenRemoved(): TesseraError {
  return coreError('invalid_token', 'The token was removed while its session was being opened.', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
