/**
 * An MCP server: an `McpServer` or a low-level `Server`, of SDK v1 or v2. The type is structural because the
 * classes of the two SDKs, and of two copies of one SDK, are different types.
 */
export interface McpServerLike {
  connect(transport: never): Promise<void>;
  close(): Promise<void>;
}

/** What both SDKs' low-level servers show of themselves. */
export interface InnerServer extends McpServerLike {
  /** The transport it is connected to. */
  readonly transport?: unknown;
  /** Told of errors that belong to no request; the program may have set it. */
  onerror?: ((error: Error) => void) | undefined;
}

/** The low-level server that a high-level one stands on; a low-level one is its own. */
export function innerServer(server: McpServerLike): InnerServer {
  const { server: inner } = server as { readonly server?: Partial<InnerServer> };
  const isServer = typeof inner?.connect === 'function' && typeof inner.close === 'function';
  return isServer ? (inner as InnerServer) : server;
}

/** Hears of the errors a server reports, after the listener the program may have set. */
export function hearErrors(server: InnerServer, hear: (error: Error) => void): void {
  const own = server.onerror;
  const listener = (error: Error): void => {
    try {
      own?.(error);
    } finally {
      hear(error);
    }
  };
  // A server that cannot be changed keeps its errors to itself.
  Reflect.set(server, 'onerror', listener);
}
