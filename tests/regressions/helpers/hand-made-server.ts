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
}

/** A server that is written without an SDK. */
export class HandMadeServer implements McpServerLike {
  readonly #name: string;
  readonly #behaviour: Behaviour;

  constructor(name: string, behaviour: Behaviour = {}) {
    this.#name = name;
    this.#behaviour = behaviour;
  }

  connect(transport: ServerSide): Promise<void> {
    const { onMessage } = this.#behaviour;
    transport.onmessage = (message) => {
      const { id, method } = message;
      if (method !== 'initialize' && onMessage !== undefined) {
        onMessage(message);
        return;
      }
      if (id === undefined) return;
      const result = method === 'initialize' ? this.#initializeResult() : {};
      void transport.send({ jsonrpc: '2.0', id, result });
    };
    return Promise.resolve();
  }

  close(): Promise<void> {
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
