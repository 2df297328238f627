import type { FastifyInstance } from 'fastify';
import {
  TesseraError,
  sessionManagerOf,
  type SessionManager,
  type Tessera,
  type TesseraStats,
} from '@tessera-mcp/core';
import { fastifyErrors } from './fastify-errors.js';

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

interface Decorated {
  [DECORATOR]?: Map<string, McpDecorator>;
}

/** @throws `endpoint_taken` */
export function decorate(app: FastifyInstance, endpoint: string, tessera: Tessera): McpDecorator {
  if (!app.hasDecorator(DECORATOR)) app.decorate(DECORATOR, new Map<string, McpDecorator>());
  const endpoints = (app as Decorated)[DECORATOR];
  if (endpoints?.has(endpoint) === true) {
    throw new TesseraError(
      fastifyErrors.endpoint_taken,
      `The plugin is registered at ${endpoint} already. Choose another endpoint or prefix for the second one.`,
    );
  }
  const manager = sessionManagerOf(tessera, app.log);
  const decorator: McpDecorator = {
    endpoint,
    tessera,
    getStats: () => tessera.getStats(),
    getSessionManager: () => manager,
    shutdown: () => tessera.drain({ graceMs: SHUTDOWN_GRACE_MS }),
  };
  endpoints?.set(endpoint, decorator);
  return decorator;
}

/**
 * What the plugin has added to an app.
 *
 * @param endpoint the full path of the endpoint; by default the one that was registered first
 * @throws `plugin_missing`
 */
export function getMcpDecorator(app: object, endpoint?: string): McpDecorator {
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
