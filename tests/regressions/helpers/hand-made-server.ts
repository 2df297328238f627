import type { McpServerLike } from '@tessera-mcp/core';

/** A message as a server gets it. */
interface Incoming {
  readonly id?: string | number;
  readonly method?: string;
}

/** What a server sees of its transport. */
export interface ServerSide {
  onmessage?: ((message: Incoming, extra?: unknown) => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  send(message: object, options?: object): Promise<void>;
}

interface Behaviour {
  /** Called with every message after `initialize`; without it, requests are answered with an empty result. */
  readonly onMessage?: (message: Incoming) => void;
  /** Called when `initialize` has been answered. */
  readonly onInitialized?: () => void;
  /** Waited for before the server is connected. */
  readonly beforeConnect?: Promise<void>;
}

/** A server that is written without an SDK. */
export class HandMadeServer implements McpServerLike {
  /** How often it was closed. */
  closed = 0;
  readonly #name: string;
  readonly #behaviour: Behaviour;

  constructor(name: string, behaviour: Behaviour = {}) {
    this.#name = name;
    this.#behaviour = behaviour;
  }

  async connect(transport: ServerSide): Promise<void> {
    const { beforeConnect, onInitialized, onMessage } = this.#behaviour;
    await beforeConnect;
    transport.onmessage = (message) => {
      const { id, method } = message;
      if (method !== 'initialize' && onMessage !== undefined) {
        onMessage(message);
        return;
      }
      if (id === undefined) return;
      const result = method === 'initialize' ? this.#initializeResult() : {};
      void transport.send({ jsonrpc: '2.0', id, result });
      if (method === 'initialize') onInitialized?.();
    };
  }

  close(): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }

  #initializeResult(): object {
    return {
      protocolVersion: '2025-11-25',
      capabilities: {},
      serverInfo: { name: this.#name, version: '1.0.0' },
    };
  }
}

/** Has `hook` run in the place of a server's `connect`, which it may call itself. */
export function hookConnect(
  server: McpServerLike,
  hook: (connect: () => Promise<void>, transport: ServerSide) => Promise<void>,
): McpServerLike {
  const connect = server.connect.bind(server) as (transport: ServerSide) => Promise<void>;
  server.connect = (transport: ServerSide) => hook(() => connect(transport), transport);
  return server;
}
