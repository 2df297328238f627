import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments } from '../events/tessera-events.js';
import type { Attempt } from '../servers/attempt.js';
import type { ServerFactory } from '../servers/server-factory.js';
import { isServerFailure } from '../servers/server-maker.js';
import type { Caller } from '../shared/caller.js';
import type { ServerIdentity } from '../shared/model.js';
import type { Clock } from '../shared/platform.js';
import type { ServerChoice } from '../sessions/session-services.js';
import { Gate } from './gate.js';

/** One version of a tenant's server factory. */
export interface Generation {
  readonly number: number;
  readonly factory: ServerFactory;
}

/** What becomes of live sessions when a tenant's server is replaced. */
export type SessionsOnUpdate = 'swap' | 'drain' | 'end';

/** How an update treats the sessions that are open. */
export interface UpdateChoice {
  readonly sessions: SessionsOnUpdate;
  /** How long sessions may keep a server that is drained, in milliseconds. */
  readonly graceMs: number;
}

/** The generation a session is opened with. */
export interface GenerationChoice extends ServerChoice {
  readonly generation: Generation;
}

/** What the generations of a tenant work with. */
export interface GenerationsParts {
  readonly tenantId: string;
  readonly factory: ServerFactory;
  readonly events: EventBus<TesseraEventArguments>;
  readonly clock: Clock;
  /** Begins an attempt with the time limit of a server. */
  readonly attempt: () => Attempt;
  /** How a new server can be tried out; undefined while nobody uses the tenant. */
  readonly trial: () => Trial | undefined;
  /** A new server has been tried out: those who use the tenant get it. */
  readonly apply: (update: UpdateChoice) => void;
}

/** Makes a server for somebody who uses the tenant, lets it say what it is, and closes it again. */
export type Trial = (factory: ServerFactory, attempt: Attempt) => Promise<ServerIdentity>;

/** The versions of a tenant's server factory: which one is used, which one is being tried out. */
export class Generations {
  readonly #parts: GenerationsParts;
  #current: Generation;
  #newestNumber = 1;
  /** What the newest generation that made an instance said of itself. */
  #announced: { readonly generation: number; readonly server: ServerIdentity } | undefined;
  /** Closed while the newest server is being tried out; sessions that are being opened wait for it. */
  #gate: Gate | undefined;
  /** The trial of the newest server, while it lasts. */
  #trial: Attempt | undefined;

  constructor(parts: GenerationsParts) {
    this.#parts = parts;
    this.#current = { number: 1, factory: parts.factory };
  }

  get number(): number {
    return this.#current.number;
  }

  /** What the server that answered last said of itself, if one ever did. */
  get server(): ServerIdentity | undefined {
    return this.#announced?.server;
  }

  /**
   * Replaces the server factory for new sessions. With sessions open, the new one is tried out first; if it fails,
   * nothing changes and the promise rejects. The last update wins: the promise gives false for one that was
   * overtaken.
   */
  replace(factory: ServerFactory, update: UpdateChoice): Promise<boolean> {
    this.#newestNumber += 1;
    const next: Generation = { number: this.#newestNumber, factory };
    this.#trial?.stop(new Overtaken());
    const trial = this.#parts.trial();
    if (trial === undefined) {
      this.#current = next;
      this.#parts.apply(update);
      return Promise.resolve(true);
    }
    const gate = new Gate();
    // Whoever waits for an older trial waits for this one instead.
    this.#gate?.open();
    this.#gate = gate;
    return this.#tryOut(next, trial, update).finally(() => {
      if (this.#gate === gate) this.#gate = undefined;
      gate.open();
    });
  }

  /** Waits for the trial of a newer server, and says what to make sessions with. */
  async choose(makeServer: Caller['makeServer']): Promise<GenerationChoice> {
    while (this.#gate !== undefined) await this.#gate.opened;
    const generation = this.#current;
    return {
      generation,
      factory: makeServer ?? generation.factory,
      isCurrent: () => makeServer !== undefined || generation === this.#current,
    };
  }

  /** Tells, once for each generation, that a server of it has answered. */
  announce(generation: Generation, server: ServerIdentity): void {
    const { tenantId, events, clock } = this.#parts;
    const before = this.#announced;
    if (before !== undefined && before.generation >= generation.number) return;
    this.#announced = { generation: generation.number, server };
    const at = new Date(clock.now());
    if (before === undefined) {
      const { name: serverName, version: serverVersion } = server;
      events.emit('serverRegistered', {
        tenantId,
        serverName,
        serverVersion,
        registeredAt: at,
      });
    } else {
      const oldServerName = before.server.name;
      events.emit('serverUpdated', {
        tenantId,
        oldServerName,
        newServerName: server.name,
        updatedAt: at,
      });
    }
  }

  /** Tells of a server that could not be made; other errors are no news of the server. */
  reportFailure(thrown: unknown): void {
    if (!isServerFailure(thrown)) return;
    this.#parts.events.emit('serverFailed', { tenantId: this.#parts.tenantId, error: thrown });
  }

  /** Ends the trial that is going on, if there is one. */
  stop(): void {
    this.#trial?.stop(new Overtaken());
  }

  async #tryOut(next: Generation, trial: Trial, update: UpdateChoice): Promise<boolean> {
    const attempt = this.#parts.attempt();
    this.#trial = attempt;
    try {
      const server = await trial(next.factory, attempt);
      this.#current = next;
      this.announce(next, server);
      this.#parts.apply(update);
      return true;
    } catch (thrown) {
      if (thrown instanceof Overtaken) return false;
      this.reportFailure(thrown);
      throw thrown;
    } finally {
      attempt.finish();
      if (this.#trial === attempt) this.#trial = undefined;
    }
  }
}

/** What a trial is stopped with that nobody waits for any more. */
class Overtaken extends Error {}
