import { coreError } from '../errors/core-error.js';
import type { TenantLimits } from '../limits/limits.js';
import type { Usage } from '../limits/usage.js';
import type { Attempt } from '../servers/attempt.js';
import type { ServerMaker } from '../servers/server-maker.js';
import type { ServerFactory } from '../servers/server-factory.js';
import type { MessageExtra } from '../servers/transport.js';
import type { Answer } from '../shared/edge.js';
import type { JsonRpcRequest } from '../shared/json-rpc.js';
import type { Principal, ServerIdentity, SessionEndReason } from '../shared/model.js';
import type { Clock, RandomBytes, Timers } from '../shared/platform.js';
import { Admission } from './admission.js';
import type { Heartbeat } from './heartbeat.js';
import { replaySession, type RebuiltServer, type Replay } from './replay-session.js';
import type { Session, SessionObserver, StreamOptions } from './session.js';
import { startSession, type StartedSession, type StartOptions } from './start-session.js';

/** What the session managers of all tenants share: the platform, and one counter. */
export interface SessionServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly randomBytes: RandomBytes;
  readonly heartbeat: Heartbeat;
  readonly streams: StreamOptions;
  readonly maker: ServerMaker;
  /** Open sessions of all tenants together. */
  readonly totals: { sessions: number };
  readonly limits: {
    readonly totalSessions: number;
    readonly factoryMs: number;
  };
  /** What a caller waits for in vain whose token expires meanwhile. */
  readonly expiredAnswer: Answer;
  /** Milliseconds without use after which a session ends. */
  readonly idleMs: number;
  /** Milliseconds after which a session ends in any case; Infinity for never. */
  readonly lifetimeMs: number;
}

/** What a server is made with, as far as it is known when it is about to be made. */
export interface ServerChoice {
  readonly factory: ServerFactory;
  /** Whether it is still the right one; a session that was opened with another is opened again. */
  readonly isCurrent: () => boolean;
}

/** A client's wish for a session. */
export interface OpenSession<Choice extends ServerChoice = ServerChoice> {
  readonly principal: Principal;
  readonly request: JsonRpcRequest;
  readonly extra: MessageExtra;
  /** Stopped when the session is no longer wanted, or not ready in time. */
  readonly attempt: Attempt;
  /** Asked when the session has been admitted. */
  readonly choose: () => Promise<Choice>;
}

/** What became of it: a session and what it was made with, or none when the server refused `initialize`. */
export interface OpenedSession<Choice extends ServerChoice = ServerChoice> {
  readonly session: Session | undefined;
  readonly choice: Choice;
  /** The answer as JSON. */
  readonly body: string;
}

/** Who hears what happens in the sessions of a tenant. */
export type TenantSessionObserver = Pick<SessionObserver, 'callEnded' | 'ended' | 'failed'>;

/** The sessions of one tenant. */
export class SessionManager {
  readonly #sessions = new Map<string, Session>();
  readonly #tenantId: string;
  readonly #services: SessionServices;
  readonly #observer: SessionObserver;
  readonly #admission: Admission;
  /** What each session counts against. */
  readonly #usages = new WeakMap<Session, Usage>();
  /** Calls in flight and open GET streams of all sessions. */
  calls = 0;
  streams = 0;
  /** Connections that were cut so far, because their clients read too slowly. */
  cutStreams = 0;

  /** @param perSubject whether caps are for each user of the tenant, because all users are one tenant */
  constructor(
    tenantId: string,
    perSubject: boolean,
    services: SessionServices,
    observer: TenantSessionObserver,
  ) {
    this.#tenantId = tenantId;
    this.#services = services;
    this.#admission = new Admission({ clock: services.clock, totals: services.totals, perSubject });
    this.#observer = {
      ...observer,
      callStarted: (session) => {
        this.#count(session, 'calls', 1);
      },
      callEnded: (session, call, response) => {
        this.#count(session, 'calls', -1);
        observer.callEnded(session, call, response);
      },
      streamCountChanged: (session, change) => {
        this.#count(session, 'streams', change);
      },
      streamCut: () => {
        this.cutStreams += 1;
      },
      queueChanged: () => true,
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

  /** What counts against the caps of this caller. */
  usage(principal: Principal, limits: TenantLimits): Usage {
    return this.#admission.usage(principal, limits);
  }

  /** The one way to a session: somebody else's is not found, exactly like one that never was. */
  find(principal: Principal, sessionId: string): Session | undefined {
    const session = this.#sessions.get(sessionId);
    if (session?.principal.subject !== principal.subject) return undefined;
    session.principal = principal;
    return session;
  }

  /**
   * Makes a server, lets it answer `initialize`, and keeps the session if it did.
   *
   * @throws the errors of `ServerMaker.make`, and `too_many_sessions`, `initialize_rate_exceeded`, `server_full`
   */
  async open<Choice extends ServerChoice>(
    wish: OpenSession<Choice>,
    limits: TenantLimits,
  ): Promise<OpenedSession<Choice>> {
    const usage = this.#admission.usage(wish.principal, limits);
    const { totalSessions } = this.#services.limits;
    const evicted = usage.sessions >= limits.sessions ? this.#longestUnused(usage) : undefined;
    this.#admission.admitSession(usage, limits, { totalSessions, freed: evicted === undefined ? 0 : 1 });
    evicted?.end('evicted');
    let kept = false;
    try {
      for (;;) {
        const choice = await wish.attempt.race(wish.choose());
        const { session, body } = await this.#start(wish, choice.factory);
        if (session.record === undefined) {
          session.end('serverClosed');
          return { session: undefined, choice, body };
        }
        this.#checkOpened(session, wish.attempt);
        if (!choice.isCurrent()) {
          session.end('updated');
          continue;
        }
        this.#keep(session, usage);
        kept = true;
        return { session, choice, body };
      }
    } finally {
      if (!kept) this.#admission.releaseSession(usage);
    }
  }

  /** Makes a server as a session would, and closes it again: to see whether a factory works and what it makes. */
  async tryOut(wish: Omit<OpenSession, 'choose'>, factory: ServerFactory): Promise<ServerIdentity> {
    // Nobody has ever heard of this session, so what its server reports is told by the error alone.
    const { session, body } = await this.#start(wish, factory, {
      observer: { ...this.#observer, failed: () => undefined },
    });
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
      else if (monotonic >= session.endsAt) session.end('updated');
    }
  }

  /**
   * Makes a new server for a session and brings it up to date: what a client has told its server once, it need not tell
   * the next one. The session keeps the server it has until `renew` is called with the result.
   *
   * @throws the errors of `ServerMaker.make`, and `server_incompatible`
   */
  async rebuild(
    session: Session,
    factory: ServerFactory,
    wish: Omit<Replay, 'start'>,
  ): Promise<RebuiltServer> {
    const start: Replay['start'] = (request) =>
      this.#start({ ...wish, request, principal: session.principal }, factory, {
        id: session.id,
        observer: {
          ...this.#observer,
          failed: (_trial, error) => {
            session.report(error);
          },
        },
      });
    return replaySession(session, { ...wish, start });
  }

  #start(
    wish: Omit<OpenSession, 'choose'>,
    factory: ServerFactory,
    options: StartOptions = {},
  ): Promise<StartedSession> {
    return startSession({ ...wish, factory, tenantId: this.#tenantId }, this.#services, {
      observer: this.#observer,
      ...options,
    });
  }

  /** Of the sessions in which nothing is going on, the one that was used longest ago. */
  #longestUnused(usage: Usage): Session | undefined {
    let oldest: Session | undefined;
    for (const session of this.#sessions.values()) {
      if (!session.quiet || this.#usages.get(session) !== usage) continue;
      if (oldest === undefined || session.lastUsedAt < oldest.lastUsedAt) oldest = session;
    }
    return oldest;
  }

  /** Between its answer and this moment a server may have closed itself, and its client may have lost access. */
  #checkOpened(session: Session, attempt: Attempt): void {
    if (session.ended) {
      throw coreError(
        'factory_failed',
        `The server of tenant "${this.#tenantId}" closed itself after initialize.`,
      );
    }
    if (attempt.stoppedBy === undefined) return;
    session.end('revoked');
    throw attempt.stoppedBy;
  }

  #keep(session: Session, usage: Usage): void {
    if (this.#sessions.size === 0) this.#services.heartbeat.watchSessions(this);
    this.#sessions.set(session.id, session);
    this.#usages.set(session, usage);
    session.lastUsedAt = this.#services.clock.monotonic();
  }

  #remove(session: Session): boolean {
    // A session in which a server is tried out has the id of the one it is for.
    if (this.#sessions.get(session.id) !== session) return false;
    this.#sessions.delete(session.id);
    const usage = this.#usages.get(session);
    if (usage !== undefined) this.#admission.releaseSession(usage);
    if (this.#sessions.size === 0) this.#services.heartbeat.unwatchSessions(this);
    return true;
  }

  /** A session that is still being opened counts against nothing but the tenant as a whole. */
  #count(session: Session, what: 'calls' | 'streams', change: 1 | -1): void {
    this[what] += change;
    const usage = this.#usages.get(session);
    if (usage !== undefined) usage[what] += change;
  }
}
