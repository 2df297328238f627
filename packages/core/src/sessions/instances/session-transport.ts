import type { JsonRpcMessage } from '../../shared/json-rpc.js';
import type { McpServerLike } from '../../shared/mcp-server.js';
import type { ListMemory } from '../../servers/list-memory.js';
import { closeQuietly } from '../../servers/server-maker.js';
import type { MessageExtra, SendOptions, ServerLink, ServerTransport } from '../../servers/transport.js';
import { internalError } from '../../errors/json-rpc-errors.js';
import { routeFromServer } from '../calls/route-from-server.js';
import type { LinkPlace } from '../session.js';

/**
 * Connects one server instance to its session: the `Transport` of both SDKs. Ids are translated on the way, so the
 * server never sees the client's and the client never sees the server's.
 */
export class SessionTransport implements ServerTransport, ServerLink {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  /** Both SDKs read it at each request; handlers see it, and log levels are kept under it. */
  readonly sessionId: string;
  readonly memory: ListMemory | undefined;
  readonly #place: LinkPlace;
  readonly #server: McpServerLike;
  #closed = false;
  #notified = false;

  constructor(place: LinkPlace, server: McpServerLike, memory?: ListMemory) {
    this.#place = place;
    this.#server = server;
    this.sessionId = place.session.id;
    this.memory = memory;
  }

  get closed(): boolean {
    return this.#closed;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Hands a message to the server; when that throws, core answers in its place. */
  receive(message: JsonRpcMessage, extra: MessageExtra): void {
    try {
      this.onmessage?.(message as never, extra as never);
    } catch (thrown) {
      this.#place.session.report(thrown);
      const call = 'id' in message ? this.#place.session.calls.get(message.id) : undefined;
      if (call !== undefined) this.#place.session.calls.settle(call, internalError(call.id));
    }
  }

  /** Takes a message from the server. Rejects when it cannot be written as JSON. */
  async send(message: JsonRpcMessage, options: SendOptions = {}): Promise<void> {
    if (!this.#closed) routeFromServer(this.#place.session, this, message, options);
    return Promise.resolve();
  }

  /** Called by the server, and by the session when it ends or has another instance. */
  close(): Promise<void> {
    this.#closed = true;
    // First the hook, which aborts the handlers; then whoever still waits gets an answer.
    this.#notify();
    this.#place.session.linkClosed(this);
    return Promise.resolve();
  }

  /** Calls the hook once; a server that connects after the end sets it only then. */
  #notify(): void {
    const { onclose } = this;
    if (this.#notified || onclose === undefined) return;
    this.#notified = true;
    try {
      onclose();
    } catch (thrown) {
      this.#place.session.report(thrown);
    }
  }

  /** Closes the server, and with it this transport. */
  closeServer(): void {
    closeQuietly(this.#server);
    void this.close();
  }
}
