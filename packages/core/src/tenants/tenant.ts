import type { CallHooks } from '../hooks/call-hooks.js';
import { coreError } from '../errors/core-error.js';
import { TesseraError } from '../errors/tessera-error.js';
import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments } from '../events/tessera-events.js';
import type { TenantLimits } from '../limits/limits.js';
import { retryAfter } from '../limits/retry-after.js';
import type { Caller } from '../shared/caller.js';
import type { ServerFactory } from '../servers/server-factory.js';
import { Attempt } from '../servers/attempt.js';
import { isServerFailure, serverTooSlow } from '../servers/server-maker.js';
import type { MessageExtra } from '../servers/transport.js';
import type { Answer } from '../shared/edge.js';
import type { JsonRpcNotification, JsonRpcRequest } from '../shared/json-rpc.js';
import type { Principal, SessionEndReason } from '../shared/model.js';
import { closedItself } from '../sessions/instances/replay-session.js';
import { SessionManager } from '../sessions/session-manager.js';
import type { OpenedSession, SessionServices, TenantSessionObserver } from '../sessions/session-services.js';
import type { Session } from '../sessions/session.js';
import { Generations, type Generation, type GenerationChoice, type UpdateChoice } from './generations.js';
import { observeSessions, sessionEvent } from './session-events.js';

/** What a tenant is made of. */
export interface TenantParts {
  readonly id: string;
  readonly factory: ServerFactory;
  readonly limits: TenantLimits;
  /** Whether caps are for each user, because all users are one tenant. @default false */
  readonly perSubject?: boolean;
  /** Milliseconds without a message after which a session's server is closed. @default Infinity */
  readonly parkAfterMs?: number;
  /** Who is asked and told about calls, if anybody is. */
  readonly hooks?: CallHooks | undefined;
  /** Told when its last session has ended, for a tenant that exists only as long as it is used. */
  readonly onUnused?: () => void;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly services: SessionServices;
  readonly events: EventBus<TesseraEventArguments>;
}

/** A session that is being opened, or gets a new server. */
interface Opening {
  /** Missing while it is not open. */
  readonly session?: Session;
  readonly principal: Principal;
  readonly attempt: Attempt;
}

/** Who wants a session, and with what first message. */
export interface SessionRequest {
  readonly request: JsonRpcRequest;
  readonly extra: MessageExtra;
  readonly clientGone?: AbortSignal | undefined;
}

/** One customer: a server factory, limits, and the sessions that came of them. */
export class Tenant {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sessions: SessionManager;
  enabled = true;
  limits: TenantLimits;
  readonly #events: EventBus<TesseraEventArguments>;
  readonly #services: SessionServices;
  readonly #onUnused: (() => void) | undefined;
  readonly #openings = new Set<Opening>();
  /** Requests on their way through it. */
  #requests = 0;
  readonly #generations: Generations;

  constructor(parts: TenantParts) {
    this.id = parts.id;
    this.limits = parts.limits;
    this.metadata = parts.metadata;
    this.#events = parts.events;
    this.#services = parts.services;
    this.#onUnused = parts.onUnused;
    this.sessions = new SessionManager({
      tenantId: parts.id,
      perSubject: parts.perSubject ?? false,
      limits: () => this.limits,
      parkAfterMs: parts.parkAfterMs ?? Infinity,
      hooks: parts.services.hooksOf(parts.hooks),
      services: parts.services,
      observer: this.#observe(observeSessions(parts.events, parts.services.clock)),
    });
    this.#generations = new Generations({
      tenantId: parts.id,
      factory: parts.factory,
      sessions: this.sessions,
      events: parts.events,
      clock: parts.services.clock,
      attempt: () => this.#attempt(),
    });
  }

  get generation(): number {
    return this.#generations.number;
  }

  /** The name of the server that answered last, if one ever did. */
  get serverName(): string | undefined {
    return this.#generations.server?.name;
  }

  /** Opens a session with the newest server. */
  async open(
    { principal, makeServer }: Pick<Caller, 'principal' | 'makeServer'>,
    { request, extra, clientGone }: SessionRequest,
  ): Promise<OpenedSession> {
    const attempt = this.#attempt();
    const opening: Opening = { principal, attempt };
    const onGone = (): void => {
      attempt.stop(coreError('client_gone', 'The client went away before its session was open.'));
    };
    if (clientGone?.aborted === true) onGone();
    clientGone?.addEventListener('abort', onGone);
    this.#openings.add(opening);
    try {
      const choose = (): Promise<GenerationChoice> => this.#generations.choose(makeServer);
      const opened = await this.sessions.open({ principal, request, extra, attempt, choose });
      if (opened.session !== undefined) this.#opened(opened.choice.generation, opened.session);
      return opened;
    } catch (thrown) {
      this.#generations.reportFailure(thrown);
      throw thrown;
    } finally {
      attempt.finish();
      clientGone?.removeEventListener('abort', onGone);
      this.#openings.delete(opening);
    }
  }

  /**
   * Goes on with a session that another process has had.
   *
   * @returns undefined when there is none of this caller
   */
  async adopt(principal: Principal, sessionId: string): Promise<Session | undefined> {
    const attempt = this.#attempt();
    const opening: Opening = { principal, attempt };
    this.#openings.add(opening);
    try {
      return await this.sessions.adopt(principal, sessionId, attempt);
    } finally {
      attempt.finish();
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

  /** Replaces the server factory for new sessions; see `Generations.replace`. */
  replaceServer(factory: ServerFactory, update: UpdateChoice): Promise<boolean> {
    return this.#generations.replace(factory, update);
  }

  /**
   * Lets the newest server take over a session whose server is outdated, or that has none. A session that cannot have the
   * new one keeps the one it has, and the reason is told. Rejects, and the session stays as it is, when it has none and
   * none could be made; when the one that was made will not do, the session ends.
   */
  renew(session: Session, makeServer: Caller['makeServer'], extra: MessageExtra): Promise<void> {
    session.renewal ??= this.#renew(session, makeServer, extra).finally(() => {
      session.renewal = undefined;
    });
    return session.renewal;
  }

  /**
   * Ends what hangs on a token: its sessions, and those that are just being opened. Returns the principal of one
   * of them, if there were any.
   */
  endToken(tokenId: string, answer: Answer): Principal | undefined {
    this.#refuseOpenings(tokenRemoved(), (principal) => principal.tokenId === tokenId);
    const isGone = (principal: Principal): boolean => principal.tokenId === tokenId;
    const ending = this.sessions.all().filter(({ principal }) => isGone(principal));
    for (const session of ending) session.end('revoked', answer);
    // Sessions that are used with another token by now go on, but not with this one.
    for (const session of this.sessions.all()) session.endUseOf(isGone, 'revoked', answer);
    return ending[0]?.principal;
  }

  /** Ends everything of a tenant that is no more. */
  remove(answer: Answer): void {
    this.#generations.stop();
    const hadActiveSessions = this.sessions.size > 0;
    this.#refuseOpenings(tokenRemoved());
    this.sessions.endAll('tenantRemoved', answer);
    const { serverName } = this;
    if (serverName === undefined) return;
    this.#events.emit('serverRemoved', {
      tenantId: this.id,
      serverName,
      hadActiveSessions,
      removedAt: new Date(this.#services.clock.now()),
    });
  }

  /** Says something to the sessions it concerns, as their server would. */
  notify(notification: JsonRpcNotification, concerns: (session: Session) => boolean): void {
    for (const session of this.sessions.all()) if (concerns(session)) session.tell(notification);
  }

  /** Turns away who is just coming, and ends the GET streams of all sessions; the sessions stay. */
  disable(): void {
    this.enabled = false;
    this.#refuseOpenings(coreError('tenant_disabled', 'Access with this token is switched off.'));
    for (const session of this.sessions.all()) session.streams.closeGets();
  }

  /** Ends all sessions and keeps the tenant. */
  endSessions(reason: SessionEndReason): void {
    this.#refuseOpenings(
      coreError('draining', 'The server takes no new sessions. Try again later.', { headers: retryAfter() }),
    );
    this.sessions.endAll(reason);
  }

  async #renew(session: Session, makeServer: Caller['makeServer'], extra: MessageExtra): Promise<void> {
    while (session.wantsServer) {
      const choice = await this.#generations.choose(makeServer);
      const attempt = this.#attempt();
      const opening: Opening = { principal: session.principal, attempt, session };
      this.#openings.add(opening);
      session.outdated = false;
      try {
        const rebuilt = await this.sessions.rebuild(session, choice.factory, { extra, attempt });
        if (rebuilt.link.closed) throw closedItself();
        if (!session.ended && choice.isCurrent()) {
          session.renew(rebuilt, extra);
          this.#generations.announce(choice.generation, rebuilt.server);
        } else rebuilt.link.closeServer();
      } catch (thrown) {
        if (session.ended) return;
        if (session.parked) {
          this.#failedToWake(session, thrown);
          return;
        }
        // Stopped for a reason that says nothing of the server: it takes over another time.
        if (attempt.stoppedBy !== undefined && !isServerFailure(thrown)) {
          session.outdated = true;
          return;
        }
        this.#generations.reportFailure(thrown);
        session.report(thrown);
      } finally {
        attempt.finish();
        this.#openings.delete(opening);
      }
    }
  }

  /** A session without a server has nothing to keep: it ends when no server can take it over as the client knows it. */
  #failedToWake(session: Session, thrown: unknown): void {
    this.#generations.reportFailure(thrown);
    if (!TesseraError.isInstance(thrown) || thrown.code !== 'server_incompatible') throw thrown;
    session.report(thrown);
    session.end('updated');
  }

  #attempt(): Attempt {
    const { timers, limits } = this.#services;
    return new Attempt(timers, limits.factoryMs, () => serverTooSlow(this.id, limits.factoryMs));
  }

  #observe(observer: TenantSessionObserver): TenantSessionObserver {
    return {
      ...observer,
      ended: (session, reason) => {
        // Nobody needs the server any more that is being made for it.
        for (const opening of this.#openings) {
          if (opening.session !== session) continue;
          opening.attempt.stop(coreError('connection_closed', 'The session has ended.'));
        }
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
    for (const { principal, attempt } of this.#openings) if (which(principal)) attempt.stop(refusal);
  }

  #opened(generation: Generation, session: Session): void {
    if (session.record !== undefined) this.#generations.announce(generation, session.record.server);
    this.#events.emit('sessionCreated', sessionEvent(session));
  }
}

function tokenRemoved(): TesseraError {
  return coreError('invalid_token', 'The token was removed while its session was being opened.', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
