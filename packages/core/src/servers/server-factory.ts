import type { McpServerLike } from '../shared/mcp-server.js';
import type { Era, Principal } from '../shared/model.js';

/** What a server factory is told. */
export interface ServerFactoryContext {
  readonly tenantId: string;
  /** Who the server is made for. */
  readonly principal: Principal;
  /** Which era's rules the server will speak. */
  readonly era: Era;
  /** Aborted when the server is no longer wanted: the client went away, or the time limit has passed. */
  readonly signal: AbortSignal;
}

/**
 * Makes one MCP server. It is called once for each session, and in the stateless era once for each principal and client as
 * long as their server is kept. It must return a new server each time, not yet connected.
 */
export type ServerFactory = (context: ServerFactoryContext) => McpServerLike | Promise<McpServerLike>;
