import { composeTessera } from '../create-tessera.js';
import { coreError } from '../errors/core-error.js';
import { TesseraError } from '../errors/tessera-error.js';
import { EventBus } from '../events/event-bus.js';
import { TypedEmitter } from '../events/typed-emitter.js';
import type { Digest } from '../keys/keys.js';
import type { ServerFactory } from '../servers/server-factory.js';
import { systemClock } from '../shared/platform.js';
import { roundMs, toError } from '../shared/values.js';
import type { TesseraCore } from '../tessera-core.js';
import { checkFactory } from '../shared/check-factory.js';
import { checkToken } from '../tokens/token.js';
import type { TokenRecord } from '../tokens/token-registry.js';
import type { Listen, Listening } from './listen.js';
import { logRequests } from './log-requests.js';
import { PER_BEARER_EVENT_NAMES, type PerBearerEvents, type SessionEvent } from './per-bearer-events.js';
import {
  resolvePerBearerOptions,
  type PerBearerMcpServerOptions,
  type ResolvedPerBearerOptions,
  type ServerStats,
} from './per-bearer-options.js';
import { relayEvents, toSessionEvent } from './relay-events.js';
import type { ServerInfo } from './server-info.js';
import { ShownTokens } from './shown-tokens.js';

/** What an adapter brings to the one-line server. */
export interface PerBearerPlatform {
  readonly listen: Listen;
  /** The platform's own HMAC-SHA-256. Default: a portable one. */
  readonly digest?: Digest;
}

type State =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'starting'; readonly listening: Promise<Listening>; aborted: boolean }
  | {
      readonly phase: 'running';
      readonly listening: Listening;
      readonly info: ServerInfo;
      readonly since: number;
    }
  | { readonly phase: 'stopping'; readonly stopped: Promise<void> };

const STOP_GRACE_MS = 1000;

/**
 * The one-line server: many MCP servers on one port, one for each bearer token. A token is a tenant with that one
 * token. It listens through the framework whose adapter made it.
 */
export class PerBearerMcpServer extends TypedEmitter<PerBearerEvents> {
  readonly #options: ResolvedPerBearerOptions;
  readonly #listen: Listen;
  readonly #tessera: TesseraCore;
  readonly #events: EventBus<PerBearerEvents>;
  readonly #shown = new ShownTokens();
  #state: State = { phase: 'stopped' };
  #tenantCount = 0;

  /** @throws `invalid_option` */
  constructor(options: PerBearerMcpServerOptions, platform: PerBearerPlatform) {
    const resolved = resolvePerBearerOptions(options);
    const { logger, tessera, logging } = resolved;
    const events = new EventBus<PerBearerEvents>(PER_BEARER_EVENT_NAMES, (event, error) => {
      logger.error(`A listener of "${event}" failed: ${error.stack ?? error.message}`);
    });
    super(events);
    this.#events = events;
    this.#options = resolved;
    this.#listen = platform.listen;
    this.#tessera = composeTessera({
      ...tessera,
      ...(platform.digest === undefined ? {} : { digest: platform.digest }),
    });
    relayEvents(this.#tessera, this.#events, this.#shown);
    if (logging) logRequests(this.#tessera, logger);
  }

  /**
   * Adds a token with the function that makes its servers, one for each session.
   *
   * @throws `malformed_token`, `duplicate_token`, `weak_token`, `invalid_factory`, `server_stopping`
   */
  addToken(token: string, serverFactory: ServerFactory): this {
    checkToken(token);
    if (this.#state.phase === 'stopping') {
      throw coreError('server_stopping', 'The server is stopping. Await stop(), then add the token.');
    }
    this.#tenantCount += 1;
    const id = `tenant-${String(this.#tenantCount)}`;
    this.#tessera.addTenant({ id, server: serverFactory, tokens: [token] });
    this.#shown.add(id, this.#show(token));
    this.#events.emit('tokenAdded', this.#shown.of(id));
    return this;
  }

  /** Removes a token: its sessions end at once. Does nothing when there is no such token. */
  removeToken(token: string): this {
    const tenantId = this.#tessera.findToken(token)?.tenantId;
    if (tenantId === undefined) return this;
    this.#tessera.removeTenant(tenantId);
    const shown = this.#shown.of(tenantId);
    this.#shown.remove(tenantId);
    this.#events.emit('tokenRemoved', shown);
    return this;
  }

  /**
   * Gives a token another server factory. New sessions get its servers, and sessions that are open get one with their
   * next call. With sessions open the new factory is tried out first; if it fails, the old one stays and
   * `serverFailed` is emitted.
   *
   * @throws `unknown_token`, `invalid_factory`
   */
  updateToken(token: string, serverFactory: ServerFactory): this {
    const record = this.#require(token);
    checkFactory(serverFactory);
    this.#events.emit('tokenUpdated', this.#shown.of(record.tenantId));
    this.#tessera.updateTenant(record.tenantId, { server: serverFactory }).catch((thrown: unknown) => {
      // The event has told; without a listener the log is the only place left.
      this.#options.logger.error(`The update was not made: ${toError(thrown).message}`);
    });
    return this;
  }

  hasToken(token: string): boolean {
    return this.#tessera.hasToken(token);
  }

  /** The tokens as they were added; with `redactTokens`, their fingerprints. */
  getTokens(): string[] {
    return this.#shown.all();
  }

  /**
   * Listens.
   *
   * @throws `already_started`, `start_aborted`, and what the adapter says of a port it cannot take
   */
  async start(): Promise<ServerInfo> {
    if (this.#state.phase !== 'stopped') {
      throw coreError(
        'already_started',
        this.#state.phase === 'stopping'
          ? 'The server is stopping. Await stop(), then start it again.'
          : 'The server is running or starting already. Call start() once.',
      );
    }
    const { host, port, endpoint, logger, logging } = this.#options;
    this.#tessera.resume();
    const starting = {
      phase: 'starting' as const,
      aborted: false,
      listening: this.#listen({ tessera: this.#tessera, host, port }),
    };
    this.#state = starting;
    const listening = await this.#whenListening(starting);
    const info = { port: listening.port, url: urlOf(host, listening.port, endpoint), host, endpoint };
    const started: ServerInfo = { ...info, startedAt: new Date(systemClock.now()) };
    this.#state = { phase: 'running', listening, info: started, since: systemClock.monotonic() };
    if (logging) logger.info(`Listening at ${started.url}`);
    this.#events.emit('started', { ...started });
    return started;
  }

  /**
   * Stops: calls in flight may finish for a second, sessions end, the port is free when it resolves. Called during
   * `start()`, it makes that reject.
   *
   * @throws `not_running`
   */
  async stop(): Promise<void> {
    const state = this.#state;
    if (state.phase === 'stopping') return state.stopped;
    if (state.phase === 'stopped') {
      throw coreError('not_running', 'The server is not running. Call start() first, or check isRunning().');
    }
    if (state.phase === 'starting') {
      state.aborted = true;
      void this.#tessera.pause(0);
      await state.listening.then(
        (listening) => listening.close(),
        () => undefined,
      );
      return undefined;
    }
    // The phase changes before anything else happens, so that listeners see a server that is stopping.
    const stopped = Promise.resolve().then(() => this.#stop(state.listening));
    this.#state = { phase: 'stopping', stopped };
    return stopped;
  }

  isRunning(): boolean {
    return this.#state.phase === 'running';
  }

  /** Where the server can be reached; null when it is not running. */
  getServerInfo(): ServerInfo | null {
    return this.#state.phase === 'running' ? { ...this.#state.info } : null;
  }

  getStats(): ServerStats {
    const { activeServers, activeSessions } = this.#tessera.getStats();
    return {
      registeredTokens: this.#shown.size,
      activeServers,
      activeSessions,
      uptime: this.#state.phase === 'running' ? roundMs(systemClock.monotonic() - this.#state.since) : 0,
      tokens: this.getTokens(),
      sessions: this.getActiveSessions(),
    };
  }

  getActiveSessions(): SessionEvent[] {
    return this.#tessera.getActiveSessions().map((session) => toSessionEvent(session, this.#shown));
  }

  async #whenListening(starting: Extract<State, { phase: 'starting' }>): Promise<Listening> {
    try {
      const listening = await starting.listening;
      if (!starting.aborted) return listening;
    } catch (thrown) {
      this.#state = { phase: 'stopped' };
      if (TesseraError.isInstance(thrown)) throw thrown;
      throw coreError('listen_failed', `The server could not listen: ${toError(thrown).message}.`, {
        cause: thrown,
      });
    }
    this.#state = { phase: 'stopped' };
    throw coreError('start_aborted', 'stop() was called before start() had finished. Await start() first.');
  }

  async #stop(listening: Listening): Promise<void> {
    try {
      await this.#tessera.pause(STOP_GRACE_MS);
      await listening.close();
    } finally {
      this.#state = { phase: 'stopped' };
    }
    this.#events.emit('stopped');
  }

  #show(token: string): string {
    return this.#options.redactTokens ? this.#require(token).fingerprint : token;
  }

  /** @throws `unknown_token` */
  #require(token: string): TokenRecord {
    const record = this.#tessera.findToken(token);
    if (record !== undefined) return record;
    throw coreError('unknown_token', 'The token is not registered. Add it with addToken() first.');
  }
}

function urlOf(host: string, port: number, endpoint: string): string {
  // "All addresses" is a place to listen, not one to call.
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const shown = reachable.includes(':') ? `[${reachable}]` : reachable;
  return `http://${shown}:${String(port)}${endpoint}`;
}
