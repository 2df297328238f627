import type { Principal } from '../shared/model.js';

/**
 * An MCP server: an `McpServer` or a low-level `Server`, of SDK v1 or v2. The type is structural because the
 * classes of the two SDKs, and of two copies of one SDK, are different types.
 */
export interface McpServerLike {
  connect(transport: never): Promise<void>;
  close(): Promise<void>;
}

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

/** What both SDKs' low-level servers show of themselves. */
export interface InnerServer extends McpServerLike {
  /** The transport it is connected to. */
  readonly transport?: unknown;
  /** Told of errors that belong to no request; the program may have set it. */
  onerror?: ((error: Error) => void) | undefined;
}

/** The low-level server that a high-level one stands on; a low-level one is its own. */
export function innerServer(server: McpServerLike): InnerServer {
  return (server as { readonly server?: InnerServer }).server ?? server;
}
