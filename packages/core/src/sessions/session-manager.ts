import { coreError } from '../errors/core-error.js';
import type { Usage } from '../limits/usage.js';
import type { Attempt } from '../servers/attempt.js';
import type { ServerFactory } from '../servers/server-factory.js';
import type { Answer } from '../shared/edge.js';
import type { JsonRpcRequest } from '../shared/json-rpc.js';
import type { Principal, ServerIdentity, SessionEndReason } from '../shared/model.js';
import type { WaitingCalls } from './calls/waiting-calls.js';
import { replaySession, type RebuiltServer, type Replay } from './instances/replay-session.js';
import { Session, type SessionContext, type SessionObserver } from './session.js';
import type {
  OpenedSession,
  OpenSession,
  ServerChoice,
  SessionManagerParts,
  SessionServices,
} from './session-services.js';
import type { StoredSession } from './stores/session-store.js';
import { SessionTable } from './session-table.js';
import { sweepSession } from './sweep-session.js';
import { startSession, type StartedSession, type StartOptions } from './instances/start-session.js';

/** The sessions of one tenant. */
export class SessionManager {
  readonly #parts: SessionManagerParts;
  readonly #services: SessionServices;
  readonly #context: SessionContext;
  readonly #table: SessionTable;
  /** Connections that were cut so far, because their clients read too slowly. */
  cutStreams = 0;

  constructor(parts: SessionManagerParts) {
    const { services, observer } = parts;
    this.#parts = parts;
    this.#services = services;
    this.#table = new SessionTable(parts);
    const { clock, heartbeat, streams, keeper } = services;
    const ownObserver: SessionObserver = {
      ...observer,
      callStarted: (session) => {
        this.#table.count(session, 'calls', 1);
      },
      callEnded: (session, call, response) => {
        this.#table.count(session, 'calls', -1);
        observer.callEnded(session, call, response);
      },
      streamCountChanged: (session, change) => {
        this.#table.count(session, 'streams', change);
      },
      streamCut: () => {
        this.cutStreams += 1;
      },
      queueChanged: (session, bytes) => this.#table.queue(session, bytes),
      recordChanged: (session) => {
        if (this.#table.has(session)) services.keeper?.save(session);
      },
      ended: (session, reason) => {
        if (this.#remove(session, reason)) observer.ended(session, reason);
      },
    };
    this.#context = {
      clock,
      heartbeat,
      streams,
      observer: ownObserver,
      hooks: parts.hooks,
      isKept: keeper !== undefined,
    };
  }

  get size(): number {
    return this.#table.size;
  }

  /** Sessions without a server. */
  get parked(): number {
    let parked = 0;
    for (const session of this.#table.values()) if (session.parked) parked += 1;
    return parked;
  }

  /** What can end here to make room for another tenant. */
  get givesWay(): Pick<SessionTable, 'evict' | 'endOldestStream' | 'cutSlowestStream'> {
    return this.#table;
  }

  all(): Session[] {
    return [...this.#table.values()];
  }

  /** The answer to calls of which there would be too many: `too_many_calls`, `server_full`. */
  refuseCalls(principal: Principal, calls: number): Answer | undefined {
    return this.#table.refuseCalls(principal, calls);
  }

  /** @throws `too_many_streams`, `server_full` when the caller may not open a stream in this session */
  admitStream(principal: Principal, session: Session, lastEventId: string | null): void {
    this.#table.admitStream(principal, session, lastEventId);
  }

  /** Counts calls that wait for their session's new server, and lets their client cancel them. */
  hold(session: Session, calls: readonly JsonRpcRequest[]): WaitingCalls {
    this.#table.count(session, 'calls', calls.length);
    return session.waiting.begin(calls, () => {
      this.#table.count(session, 'calls', -calls.length);
    });
  }

  /** The one way to a session: somebody else's is not found, exactly like one that never was. */
  find(principal: Principal, sessionId: string): Session | undefined {
    const session = this.#table.get(sessionId);
    if (session?.principal.subject !== principal.subject) return undefined;
    session.principal = principal;
    return session;
  }

  /**
   * Makes a server, lets it answer `initialize`, and keeps the session if it did.
   *
   * @throws the errors of `ServerMaker.make`, and `too_many_sessions`, `initialize_rate_exceeded`, `server_full`
   */
  async open<Choice extends ServerChoice>(wish: OpenSession<Choice>): Promise<OpenedSession<Choice>> {
    const usage = this.#table.admit(wish.principal);
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
      if (!kept) this.#table.release(usage);
    }
  }

  /**
   * Goes on with a session that another process has had. It has no server yet.
   *
   * @returns undefined when the store has no such session of this caller
   * @throws `too_many_sessions`, `initialize_rate_exceeded`, `server_full`, or what the attempt was stopped with
   */
  async adopt(principal: Principal, sessionId: string, attempt: Attempt): Promise<Session | undefined> {
    const { keeper } = this.#services;
    if (keeper === undefined) return undefined;
    const stopCounting = this.#table.countCall(principal);
    const loading = keeper.load(principal, sessionId, (error) => {
      this.#context.observer.failed({ id: sessionId, principal }, error);
    });
    const stored = await attempt.race(loading).finally(stopCounting);
    if (attempt.stoppedBy !== undefined) throw attempt.stoppedBy;
    // Another request of the same client may have been quicker.
    const known = this.#table.get(sessionId);
    if (known !== undefined || stored === undefined) return this.find(principal, sessionId);
    const usage = this.#table.admit(principal);
    const session = this.#resumed(principal, sessionId, stored);
    session.record = stored.conversation;
    this.#keep(session, usage);
    this.#parts.observer.adopted(session);
    // The server that it will get here can be another version.
    session.tellListsChanged();
    return session;
  }

  /** Makes a server as a session would, and closes it again: to see whether a factory works and what it makes. */
  async tryOut(wish: Omit<OpenSession, 'choose'>, factory: ServerFactory): Promise<ServerIdentity> {
    // Nobody has ever heard of this session, so what its server reports is told by the error alone.
    const { session, body } = await this.#start(wish, factory, {
      context: this.#contextOfTrial(() => undefined),
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

  /** Does what is due in every session. */
  sweep(): void {
    for (const session of this.#table.values()) sweepSession(session, this.#parts);
  }

  /**
   * Makes a new server for a session and brings it up to date: what a client has told its server once, it need not tell
   * the next one. The session keeps the server it has until `renew` is called with the result.
   *
   * @throws the errors of `ServerMaker.make`, and `server_incompatible`
   */
  rebuild(session: Session, factory: ServerFactory, wish: Omit<Replay, 'start'>): Promise<RebuiltServer> {
    // It may have ended while its server was being chosen.
    if (session.ended) return Promise.reject(coreError('connection_closed', 'The session has ended.'));
    const start: Replay['start'] = (request) =>
      this.#start({ ...wish, request, principal: session.principal }, factory, {
        id: session.id,
        context: this.#contextOfTrial((error) => {
          session.report(error);
        }),
      });
    return replaySession(session, { ...wish, start });
  }

  #start(
    wish: Omit<OpenSession, 'choose'>,
    factory: ServerFactory,
    options: StartOptions = { context: this.#context },
  ): Promise<StartedSession> {
    return startSession({ ...wish, factory, tenantId: this.#parts.tenantId }, this.#services, {
      memoryOf: this.#parts.memoryOf,
      ...options,
    });
  }

  /** For a session in which a server is tried out: what goes wrong there is not for everybody. */
  #contextOfTrial(failed: (error: Error) => void): SessionContext {
    const { observer } = this.#context;
    const told: SessionObserver = {
      ...observer,
      failed: (_trial, error) => {
        failed(error);
      },
    };
    return { ...this.#context, observer: told };
  }

  /** A session of which only the record is known. */
  #resumed(principal: Principal, id: string, stored?: StoredSession): Session {
    const { clock } = this.#services;
    const createdAt = stored?.createdAt ?? clock.now();
    const startedAt = clock.monotonic() - Math.max(0, clock.now() - createdAt);
    return new Session({ id, principal, createdAt, startedAt }, this.#context);
  }

  /** Between its answer and this moment a server may have closed itself, and its client may have lost access. */
  #checkOpened(session: Session, attempt: Attempt): void {
    if (session.ended) {
      throw coreError(
        'factory_failed',
        `The server of tenant "${this.#parts.tenantId}" closed itself after initialize.`,
      );
    }
    if (attempt.stoppedBy === undefined) return;
    session.end('revoked');
    throw attempt.stoppedBy;
  }

  #keep(session: Session, usage: Usage): void {
    const { heartbeat, clock, keeper } = this.#services;
    if (this.#table.size === 0) heartbeat.watchSessions(this);
    this.#table.add(session, usage);
    session.lastUsedAt = clock.monotonic();
    keeper?.save(session);
  }

  #remove(session: Session, reason: SessionEndReason): boolean {
    if (!this.#table.delete(session)) return false;
    const { keeper, heartbeat } = this.#services;
    // Another process can go on with what ends here only because this one does; it may have begun to.
    if (reason !== 'stopped') keeper?.remove(session);
    if (this.#table.size === 0) heartbeat.unwatchSessions(this);
    return true;
  }
}
