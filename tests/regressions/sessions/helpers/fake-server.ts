import type { McpServerLike } from '@tessera-mcp/core';

import type { Id } from '../../../session-era/helpers/messages.js';

/** A message as a server gets it: a request, a notification or an answer. */
interface Heard {
  readonly id?: Id;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string; readonly name?: string };
  readonly result?: unknown;
}

/** A request that a handler can answer. */
type HeardRequest = Heard & { readonly id: Id };

/** What the server uses of its transport. */
interface FakeTransport {
  onmessage?: ((message: Heard) => void) | undefined;
  start(): Promise<void>;
  send(message: object, options?: object): Promise<void>;
  close(): Promise<void>;
}

/** Gives the result of a request; one that gives undefined answers later, or never. */
type Handler = (request: HeardRequest, server: FakeServer) => unknown;

/** Handlers by method. */
export type Handlers = Readonly<Record<string, Handler>>;

/** The least that is a server; what has no handler is answered with an empty result. */
export class FakeServer implements McpServerLike {
  /** Every message that came, in order. */
  readonly heard: Heard[] = [];
  closed = false;
  readonly #handlers: Handlers;
  #transport: FakeTransport | undefined;

  constructor(handlers: Handlers = {}) {
    this.#handlers = handlers;
  }

  async connect(transport: FakeTransport): Promise<void> {
    this.#transport = transport;
    transport.onmessage = (message) => {
      this.heard.push(message);
      const { id, method } = message;
      if (id === undefined || method === undefined) return;
      const result =
        method === 'initialize' ? identityFor(message) : this.#handle(method, { ...message, id });
      if (result !== undefined) void this.answer(id, result);
    };
    await transport.start();
  }

  /** Answers a request. */
  answer(id: Id, result: unknown): Promise<void> {
    return this.#send({ id, result });
  }

  /** Sends a request or a notification to the client. */
  say(message: object, options: object = {}): Promise<void> {
    return this.#send(message, options);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.#transport?.close();
  }

  #handle(method: string, request: HeardRequest): unknown {
    const handler = this.#handlers[method];
    return handler === undefined ? {} : handler(request, this);
  }

  #send(message: object, options?: object): Promise<void> {
    if (this.#transport === undefined) throw new Error('The server is not connected.');
    return this.#transport.send({ jsonrpc: '2.0', ...message }, options);
  }
}

/** The message that has a client show something. */
export const logMessage = (data: string): object => ({
  method: 'notifications/message',
  params: { level: 'info', data },
});

/** The message that has a client ask its user something. */
export const question = (message: string): object => ({
  id: 0,
  method: 'elicitation/create',
  params: { message, requestedSchema: {} },
});

const identityFor = ({ params }: Heard): object => ({
  protocolVersion: params?.protocolVersion,
  capabilities: { tools: {}, resources: { subscribe: true }, logging: {} },
  serverInfo: { name: 'fake', version: '1.0.0' },
});
