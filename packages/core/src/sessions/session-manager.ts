import { coreError } from '../errors/core-error.js';
import { TesseraError } from '../errors/tessera-error.js';
import { retryAfter } from '../limits/retry-after.js';
import type { TenantLimits } from '../limits/limits.js';
import { TokenBucket } from '../limits/token-bucket.js';
import { Deadline, type ServerMaker } from '../servers/server-maker.js';
import type { ServerFactory } from '../servers/server-factory.js';
import type { MessageExtra } from '../servers/transport.js';
import type { Answer } from '../shared/edge.js';
import { toBase64Url } from '../shared/base64url.js';
import type { JsonRpcRequest } from '../shared/json-rpc.js';
import type { Principal, ServerIdentity, SessionEndReason } from '../shared/model.js';
import type { Clock, RandomBytes, Timers } from '../shared/platform.js';
import { toError } from '../shared/values.js';
import { connectServer } from './connect-server.js';
import type { Heartbeat } from './heartbeat.js';
import { Session, type SessionObserver } from './session.js';

/** What the session managers of all tenants share: the platform, and one counter. */
export interface SessionServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly randomBytes: RandomBytes;
  readonly heartbeat: Heartbeat;
  readonly maker: ServerMaker;
  /** Open sessions of all tenants together. */
  readonly totals: { sessions: number };
  readonly limits: {
    readonly totalSessions: number;
    readonly queuedBytes: number;
    readonly factoryMs: number;
  };
  /** What a caller waits for in vain whose token expires meanwhile. */
  readonly expiredAnswer: Answer;
  /** Milliseconds without use after which a session ends. */
  readonly idleMs: number;
  /** Milliseconds after which a session ends in any case; Infinity for never. */
  readonly lifetimeMs: number;
}

/** A client's wish for a session. */
export interface OpenSession {
  readonly principal: Principal;
  readonly factory: ServerFactory;
  readonly request: JsonRpcRequest;
  readonly extra: MessageExtra;
  readonly clientGone?: AbortSignal | undefined;
}

/** What became of it: a session, or none when the server refused `initialize`; and the answer as JSON. */
export interface OpenedSession {
  readonly session: Session | undefined;
  readonly body: string;
}

/** Who hears what happens in the sessions of a tenant. */
export type TenantSessionObserver = Pick<SessionObserver, 'callEnded' | 'ended' | 'failed'>;

const SESSION_ID_BYTES = 32;

/** The sessions of one tenant. */
export class SessionManager {
  readonly #sessions = new Map<string, Session>();
  readonly #tenantId: string;
  readonly #services: SessionServices;
  readonly #observer: SessionObserver;
  readonly #bucket: TokenBucket;
  /** Sessions that are being opened; they count, so that a burst cannot pass the cap. */
  #opening = 0;
  /** Calls in flight and open GET streams of all sessions. */
  calls = 0;
  streams = 0;

  constructor(
    tenantId: string,
    limits: TenantLimits,
    services: SessionServices,
    observer: TenantSessionObserver,
  ) {
    this.#tenantId = tenantId;
    this.#services = services;
    this.#bucket = new TokenBucket(limits.initializeBurst, services.clock.monotonic());
    this.#observer = {
      ...observer,
      callStarted: () => {
        this.calls += 1;
      },
      callEnded: (session, call, response) => {
        this.calls -= 1;
        observer.callEnded(session, call, response);
      },
      streamCountChanged: (_session, change) => {
        this.streams += change;
      },
      ended: (session, reason) => {
        if (this.#remove(session)) observer.ended(session, reason);
      },
    };
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  /** The one way to a session: somebody else's is not found, exactly like one that never was. */
  find(principal: Principal, sessionId: string): Session | undefined {
    const session = this.#sessions.get(sessionId);
    return session?.principal.subject === principal.subject ? session : undefined;
  }

  /**
   * Makes a server, lets it answer `initialize`, and keeps the session if it did.
   *
   * @param refusalNow asked when the session is ready: why it is no longer wanted, or undefined
   * @throws the errors of `ServerMaker.make`, and `too_many_sessions`, `initialize_rate_exceeded`, `server_full`
   */
  async open(
    wish: OpenSession,
    limits: TenantLimits,
    refusalNow: () => TesseraError | undefined,
  ): Promise<OpenedSession> {
    this.#admit(limits);
    this.#opening += 1;
    this.#services.totals.sessions += 1;
    let session: Session | undefined;
    try {
      const { session: opened, body } = await this.#start(wish);
      if (opened.record === undefined || opened.ended) {
        opened.end('serverClosed');
        return { session: undefined, body };
      }
      session = opened;
      const refusal = refusalNow();
      if (refusal === undefined) return this.#keep(opened, body);
      opened.end('revoked');
      throw refusal;
    } finally {
      this.#opening -= 1;
      if (session === undefined || !this.#sessions.has(session.id)) this.#services.totals.sessions -= 1;
    }
  }

  /** Makes a server as a session would, and closes it again: to see whether a factory works and what it makes. */
  async tryOut(wish: OpenSession): Promise<ServerIdentity> {
    const { session, body } = await this.#start(wish);
    const server = session.record?.server;
    session.end('serverClosed');
    if (server !== undefined) return server;
    throw coreError('factory_failed', `The new server refused initialize: ${body}.`);
  }

  /** Ends all sessions; `answer` is for callers who have seen nothing yet. */
  endAll(reason: SessionEndReason, answer?: Answer): void {
    for (const session of this.all()) session.end(reason, answer);
  }

  /** Ends sessions that are idle, too old, or whose token has expired. */
  sweep(): void {
    const { clock, idleMs, lifetimeMs, expiredAnswer } = this.#services;
    const monotonic = clock.monotonic();
    const now = clock.now();
    for (const session of this.#sessions.values()) {
      const { expiresAt } = session.principal;
      if (expiresAt !== undefined && expiresAt <= now) session.end('expired', expiredAnswer);
      else if (session.quiet && monotonic - session.lastUsedAt >= idleMs) session.end('idle');
      else if (monotonic - session.startedAt >= lifetimeMs) session.end('idle');
    }
  }

  #admit(limits: TenantLimits): void {
    const { totals, limits: all, clock } = this.#services;
    if (this.#sessions.size + this.#opening >= limits.sessions) {
      throw coreError(
        'too_many_sessions',
        `This token's tenant has ${String(limits.sessions)} sessions, as many as it may have. End one with DELETE, or raise limits.sessions.`,
        {
          headers: retryAfter(),
        },
      );
    }
    if (totals.sessions >= all.totalSessions) {
      throw coreError('server_full', 'The server has as many sessions as it may have. Try again later.', {
        headers: retryAfter(),
      });
    }
    const waitMs = this.#bucket.take(clock.monotonic(), limits.initializeBurst, limits.initializePerSecond);
    if (waitMs > 0) {
      throw coreError(
        'initialize_rate_exceeded',
        'Sessions are being opened faster than allowed. Keep a session and use it again.',
        {
          headers: retryAfter(waitMs),
        },
      );
    }
  }

  async #start(wish: OpenSession): Promise<{ session: Session; body: string }> {
    const { maker, timers, limits, clock, randomBytes, heartbeat } = this.#services;
    const tenantId = this.#tenantId;
    const { principal, factory, clientGone } = wish;
    const startedAt = clock.monotonic();
    const server = await maker.make({
      factory,
      context: { tenantId, principal, era: 'session' },
      timeoutMs: limits.factoryMs,
      clientGone,
    });
    const session = new Session({
      id: toBase64Url(randomBytes(SESSION_ID_BYTES)),
      principal,
      createdAt: new Date(clock.now()),
      startedAt: clock.monotonic(),
      heartbeat,
      queuedBytes: limits.queuedBytes,
      monotonic: () => clock.monotonic(),
      observer: this.#observer,
    });
    const leftMs = Math.max(1, limits.factoryMs - (clock.monotonic() - startedAt));
    try {
      const connecting = connectServer(session, server, wish);
      const body = await new Deadline(timers, leftMs, clientGone).race(connecting, tenantId);
      return { session, body };
    } catch (thrown) {
      session.end('serverClosed');
      if (TesseraError.isInstance(thrown)) throw thrown;
      const cause = toError(thrown);
      throw coreError(
        'factory_failed',
        `The server of tenant "${tenantId}" could not be connected: ${cause.message}.`,
        {
          cause,
        },
      );
    }
  }

  #keep(session: Session, body: string): OpenedSession {
    if (this.#sessions.size === 0) this.#services.heartbeat.watchSessions(this);
    this.#sessions.set(session.id, session);
    session.lastUsedAt = this.#services.clock.monotonic();
    return { session, body };
  }

  #remove(session: Session): boolean {
    if (!this.#sessions.delete(session.id)) return false;
    this.#services.totals.sessions -= 1;
    if (this.#sessions.size === 0) this.#services.heartbeat.unwatchSessions(this);
    return true;
  }
}
