import type { FastifyInstance } from 'fastify';
import {
  EventBus,
  TesseraError,
  TypedEmitter,
  type Logger,
  type Tessera,
  type TesseraStats,
} from '@tessera-mcp/core';
import { fastifyErrors } from './fastify-errors.js';

/** What happens in the sessions of an endpoint. */
export interface SessionManagerEvents {
  /** A client opened a session. */
  sessionCreated: [sessionId: string];
  /** A session ended. */
  sessionDestroyed: [sessionId: string];
  /** A session's server reported an error, or a message could not be delivered. */
  transportError: [sessionId: string, error: Error];
}

/** Tells what happens in the sessions of an endpoint. */
export type SessionManager = TypedEmitter<SessionManagerEvents>;

/** What the plugin adds to an app for one endpoint. */
export interface McpDecorator {
  /** The full path of the endpoint. */
  readonly endpoint: string;
  /** The tessera behind it. */
  readonly tessera: Tessera;
  getStats(): TesseraStats;
  getSessionManager(): SessionManager;
  /** Takes no new sessions, lets calls in flight finish for a moment, and ends all sessions. Can be called twice. */
  readonly shutdown: () => Promise<void>;
}

const DECORATOR = Symbol.for('tessera-mcp.fastify');

const SHUTDOWN_GRACE_MS = 500;

type Decorated = FastifyInstance & { [DECORATOR]?: Map<string, McpDecorator> };

/** @throws `endpoint_taken` */
export function decorate(app: FastifyInstance, endpoint: string, tessera: Tessera): McpDecorator {
  const decorated = app as Decorated;
  if (!app.hasDecorator(DECORATOR)) app.decorate(DECORATOR, new Map<string, McpDecorator>());
  const endpoints = decorated[DECORATOR];
  if (endpoints?.has(endpoint) === true) {
    throw new TesseraError(
      fastifyErrors.endpoint_taken,
      `The plugin is registered at ${endpoint} already. Choose another endpoint or prefix for the second one.`,
    );
  }
  const decorator = makeDecorator(endpoint, tessera, app.log);
  endpoints?.set(endpoint, decorator);
  return decorator;
}

/**
 * What the plugin has added to an app.
 *
 * @param endpoint the full path of the endpoint; by default the one that was registered first
 * @throws `plugin_missing`
 */
export function getMcpDecorator(app: FastifyInstance, endpoint?: string): McpDecorator {
  const endpoints = (app as Decorated)[DECORATOR] ?? new Map<string, McpDecorator>();
  const found = endpoint === undefined ? [...endpoints.values()][0] : endpoints.get(endpoint);
  if (found !== undefined) return found;
  throw new TesseraError(
    fastifyErrors.plugin_missing,
    endpoints.size === 0
      ? 'The plugin is not registered here. Call app.register(FastifyMcpServer, options) and await it first.'
      : `There is no endpoint ${endpoint ?? ''}. Registered: ${[...endpoints.keys()].join(', ')}.`,
  );
}

function makeDecorator(endpoint: string, tessera: Tessera, logger: Logger): McpDecorator {
  const names = ['sessionCreated', 'sessionDestroyed', 'transportError'] as const;
  const events = new EventBus<SessionManagerEvents>(names, (event, error) => {
    logger.error(`A listener of "${event}" failed: ${error.stack ?? error.message}`);
  });
  tessera
    .on('sessionCreated', ({ sessionId }) => {
      events.emit('sessionCreated', sessionId);
    })
    .on('sessionEnded', ({ sessionId }) => {
      events.emit('sessionDestroyed', sessionId);
    })
    .on('transportError', ({ sessionId, error }) => {
      events.emit('transportError', sessionId, error);
    });
  const manager = new TypedEmitter(events);
  return {
    endpoint,
    tessera,
    getStats: () => tessera.getStats(),
    getSessionManager: () => manager,
    shutdown: () => tessera.drain({ graceMs: SHUTDOWN_GRACE_MS }),
  };
}
