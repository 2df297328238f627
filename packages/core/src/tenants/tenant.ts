import { coreError } from '../errors/core-error.js';
import type { TesseraError } from '../errors/tessera-error.js';
import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments } from '../events/tessera-events.js';
import { Admission } from '../limits/admission.js';
import type { TenantLimits } from '../limits/limits.js';
import { retryAfter } from '../limits/retry-after.js';
import type { Caller } from '../shared/caller.js';
import type { SpreadLane } from '../shared/spread.js';
import type { ServerFactory } from '../servers/server-factory.js';
import { ListMemory } from '../servers/list-memory.js';
import { Attempt } from '../servers/attempt.js';
import { serverTooSlow } from '../servers/server-maker.js';
import type { MessageExtra } from '../servers/transport.js';
import type { Answer } from '../shared/edge.js';
import type { JsonRpcNotification, JsonRpcRequest } from '../shared/json-rpc.js';
import type { Era, Principal, SessionEndReason } from '../shared/model.js';
import { SessionManager } from '../sessions/session-manager.js';
import type { OpenedSession, TenantSessionObserver } from '../sessions/session-services.js';
import type { Session } from '../sessions/session.js';
import type { StatelessEngine } from '../stateless/stateless-engine.js';
import { Generations, type Generation, type GenerationChoice, type UpdateChoice } from './generations.js';
import { Openings } from './openings.js';
import { SessionRenewal } from './session-renewal.js';
import { applyTo, trialIn } from './session-updates.js';
import { observeSessions, sessionEvent } from './session-events.js';
import { tenantEngine } from './tenant-engine.js';
import type { TenantParts, TenantServices } from './tenant-parts.js';

/** Who wants a session, and with what first message. */
export interface SessionRequest {
  readonly request: JsonRpcRequest;
  readonly extra: MessageExtra;
  readonly clientGone?: AbortSignal | undefined;
}

/** One customer: a server factory, limits, and the sessions and calls that came of them. */
export class Tenant {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sessions: SessionManager;
  /** Serves clients that have no sessions. */
  readonly stateless: StatelessEngine;
  /** Which eras it serves. */
  readonly eras: ReadonlySet<Era>;
  /** What it has in use, of both eras. */
  readonly admission: Admission;
  enabled = true;
  limits: TenantLimits;
  readonly #events: EventBus<TesseraEventArguments>;
  /** Where what many are to hear waits for its turn. */
  readonly #lane: SpreadLane;
  readonly #services: TenantServices;
  readonly #onUnused: (() => void) | undefined;
  readonly #openings = new Openings();
  /** Requests on their way through it. */
  #requests = 0;
  readonly #generations: Generations;
  readonly #renewal: SessionRenewal;

  constructor(parts: TenantParts) {
    this.id = parts.id;
    this.limits = parts.limits;
    this.metadata = parts.metadata;
    this.#events = parts.events;
    this.#services = parts.services;
    this.#onUnused = parts.onUnused;
    this.eras = parts.eras;
    const { clock, caps, spread } = parts.services;
    this.#lane = spread.lane();
    this.admission = new Admission({
      clock,
      caps,
      limits: () => this.limits,
      perSubject: parts.perSubject ?? false,
      giveWay: {
        sessions: () => this.sessions.givesWay.evict(),
        streams: () => this.sessions.givesWay.endOldestStream(),
        listens: () => this.stateless.endOldestListen(),
        queuedBytes: () => this.sessions.givesWay.cutSlowestStream() || this.stateless.cutSlowest(),
      },
    });
    this.sessions = new SessionManager({
      tenantId: parts.id,
      admission: this.admission,
      limits: () => this.limits,
      parkAfterMs: parts.parkAfterMs ?? Infinity,
      hooks: parts.services.hooksOf(parts.hooks),
      memoryOf: (made) => ListMemory.of(made, { clock, ...parts }),
      services: parts.services,
      observer: this.#observe(observeSessions(parts.events, parts.services.clock)),
    });
    this.stateless = tenantEngine({
      tenant: parts,
      admission: this.admission,
      lane: this.#lane,
      limits: () => this.limits,
      generations: () => this.#generations,
      unused: () => {
        this.#releaseIfUnused();
      },
    });
    this.#generations = new Generations({
      tenantId: parts.id,
      factory: parts.factory,
      events: parts.events,
      clock,
      attempt: () => this.#attempt(),
      trial: () => trialIn(this.sessions) ?? this.stateless.trial,
      apply: (update) => {
        applyTo(this.sessions.all(), update, clock);
        this.stateless.replaced(update.sessions === 'end');
      },
    });
    this.#renewal = new SessionRenewal({
      sessions: this.sessions,
      generations: this.#generations,
      openings: this.#openings,
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
    const onGone = (): void => {
      attempt.stop(coreError('client_gone', 'The client went away before its session was open.'));
    };
    if (clientGone?.aborted === true) onGone();
    clientGone?.addEventListener('abort', onGone);
    try {
      const choose = (): Promise<GenerationChoice> => this.#generations.choose(makeServer);
      const opened = await this.#openings.during({ principal, attempt }, () =>
        this.sessions.open({ principal, request, extra, attempt, choose }),
      );
      if (opened.session !== undefined) this.#opened(opened.choice.generation, opened.session);
      return opened;
    } catch (thrown) {
      this.#generations.reportFailure(thrown);
      throw thrown;
    } finally {
      clientGone?.removeEventListener('abort', onGone);
    }
  }

  /**
   * Goes on with a session that another process has had.
   *
   * @returns undefined when there is none of this caller
   */
  adopt(principal: Principal, sessionId: string): Promise<Session | undefined> {
    const attempt = this.#attempt();
    return this.#openings.during({ principal, attempt }, () =>
      this.sessions.adopt(principal, sessionId, attempt),
    );
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

  /** See `SessionRenewal.renew`. */
  renew(session: Session, makeServer: Caller['makeServer'], extra: MessageExtra): Promise<void> {
    return this.#renewal.renew(session, makeServer, extra);
  }

  /**
   * Ends what hangs on a token: its sessions, and those that are just being opened. Returns the principal of one
   * of them, if there were any.
   */
  endToken(tokenId: string, answer: Answer): Principal | undefined {
    this.#openings.refuse(tokenRemoved(), (principal) => principal.tokenId === tokenId);
    const isGone = (principal: Principal): boolean => principal.tokenId === tokenId;
    const ending = this.sessions.all().filter(({ principal }) => isGone(principal));
    for (const session of ending) session.end('revoked', answer);
    const ended = this.stateless.endOf(isGone, 'revoked', { answer, refusal: tokenRemoved });
    // Sessions that are used with another token by now go on, but not with this one.
    for (const session of this.sessions.all()) session.endUseOf(isGone, 'revoked', answer);
    return ending[0]?.principal ?? ended;
  }

  /** Ends everything of a tenant that is no more. */
  remove(answer: Answer): void {
    this.#generations.stop();
    const hadActiveSessions = this.sessions.size > 0;
    this.#openings.refuse(tokenRemoved());
    this.sessions.endAll('tenantRemoved', answer);
    this.stateless.endOf(EVERYBODY, 'tenantRemoved', { answer, refusal: tokenRemoved });
    const { serverName } = this;
    if (serverName === undefined) return;
    this.#events.emit('serverRemoved', {
      tenantId: this.id,
      serverName,
      hadActiveSessions,
      removedAt: new Date(this.#services.clock.now()),
    });
  }

  /** Says something to the sessions it concerns, and to all who listen, as their server would. */
  notify(notification: JsonRpcNotification, concerns: (session: Session) => boolean): void {
    this.stateless.notify(notification);
    const concerned = this.sessions.all().filter(concerns);
    for (const session of concerned) session.links.current?.memory?.forget();
    this.#lane.tellAll(concerned, (session) => {
      // It may have unsubscribed meanwhile.
      if (concerns(session)) session.tell(notification);
    });
  }

  /** Turns away who is just coming, and ends the GET streams of all sessions; the sessions stay. */
  disable(): void {
    this.enabled = false;
    this.#lane.flush();
    const refusal = coreError('tenant_disabled', 'Access with this token is switched off.');
    this.#openings.refuse(refusal);
    this.stateless.quiesce(() => refusal);
    for (const session of this.sessions.all()) session.openStreams?.closeGets();
  }

  /** Ends all sessions and calls, and keeps the tenant. */
  endSessions(reason: SessionEndReason): void {
    const refusal = draining();
    this.#openings.refuse(refusal);
    this.sessions.endAll(reason);
    this.stateless.endOf(EVERYBODY, reason, { refusal: () => refusal });
  }

  /** Lets calls go on, and ends what would not end by itself while they do: streams of changes, and what waits for clients. */
  quiesce(): void {
    this.#lane.flush();
    this.stateless.quiesce(draining);
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
        this.#openings.stopOf(session, coreError('connection_closed', 'The session has ended.'));
        observer.ended(session, reason);
        this.#releaseIfUnused();
      },
    };
  }

  /** Lets go of a tenant that exists only as long as it is used, if it is not used. */
  #releaseIfUnused(): void {
    if (this.sessions.size === 0 && this.#requests === 0 && this.stateless.unused) this.#onUnused?.();
  }

  #opened(generation: Generation, session: Session): void {
    if (session.record !== undefined) this.#generations.announce(generation, session.record.server);
    this.#events.emit('sessionCreated', sessionEvent(session));
  }
}

const EVERYBODY = (): boolean => true;

function draining(): TesseraError {
  return coreError('draining', 'The server takes no new sessions. Try again later.', {
    headers: retryAfter(),
  });
}

function tokenRemoved(): TesseraError {
  return coreError('invalid_token', 'The token was removed while its session was being opened.', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
