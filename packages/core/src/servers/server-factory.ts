import type { McpServerLike } from '../shared/mcp-server.js';
import type { Principal } from '../shared/model.js';

/** What a server factory is told. */
export interface ServerFactoryContext {
  readonly tenantId: string;
  /** Who the server is made for. */
  readonly principal: Principal;
  /** Which era's rules the server will speak. */
  readonly era: 'session';
  /** Aborted when the server is no longer wanted: the client went away, or the time limit has passed. */
  readonly signal: AbortSignal;
}

/**
 * Makes one MCP server. It is called once for each session and must return a new server each time, not yet
 * connected.
 */
export type ServerFactory = (context: ServerFactoryContext) => McpServerLike | Promise<McpServerLike>;
