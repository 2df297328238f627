import {
  isRequest,
  isResponse,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
} from '../shared/json-rpc.js';
import type { McpServerLike } from '../shared/mcp-server.js';
import type { MessageExtra, SendOptions, ServerLink, ServerTransport } from '../servers/transport.js';
import { closeQuietly } from '../servers/server-maker.js';
import type { Call } from './call-table.js';
import { isBelowLogLevel } from './session-record.js';
import type { Session } from './session.js';

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
  readonly #session: Session;
  readonly #server: McpServerLike;
  #closed = false;

  constructor(session: Session, server: McpServerLike) {
    this.#session = session;
    this.#server = server;
    this.sessionId = session.id;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Hands a message to the server; what it throws is reported, because nobody could answer for it. */
  receive(message: JsonRpcMessage, extra: MessageExtra): void {
    try {
      this.onmessage?.(message as never, extra as never);
    } catch (thrown) {
      this.#session.report(thrown);
    }
  }

  /** Takes a message from the server. */
  async send(message: JsonRpcMessage, options: SendOptions = {}): Promise<void> {
    if (!this.#closed) this.#route(message, options);
    return Promise.resolve();
  }

  #route(message: JsonRpcMessage, options: SendOptions): void {
    if (isResponse(message)) {
      const call = this.#session.calls.get(message.id);
      if (call !== undefined) this.#session.calls.settle(call, message);
    } else {
      const { relatedRequestId } = options;
      const related = this.#session.calls.get(relatedRequestId);
      if (isRequest(message)) this.#ask(message, related);
      // What belongs to a call that is over has nowhere to go; no other stream may carry it.
      else if (related !== undefined || relatedRequestId === undefined) this.#tell(message, related);
    }
  }

  /** Called by the server, and by the session when it ends. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    // First the hook, which aborts the handlers; then whoever still waits gets an answer.
    try {
      this.onclose?.();
    } catch (thrown) {
      this.#session.report(thrown);
    }
    this.#session.end('serverClosed');
    return Promise.resolve();
  }

  /** Closes the server, and with it this transport. */
  closeServer(): void {
    closeQuietly(this.#server);
    void this.close();
  }

  #ask(request: JsonRpcRequest, related: Call | undefined): void {
    const session = this.#session;
    // A question with nowhere to go is put to the newest waiting call, so that clients without a GET stream see it.
    const place = related ?? (session.streams.size === 0 ? session.calls.newest() : undefined);
    const tell = (message: JsonRpcMessage): boolean =>
      place?.sink.send(message) === true || session.streams.send(message);
    const asked = session.outbound.ask(request, { transport: this, tell });
    if (!tell(asked)) session.streams.queue(asked);
  }

  #tell(notification: JsonRpcNotification, related: Call | undefined): void {
    const session = this.#session;
    const { method, params } = notification;
    if (method === 'notifications/message' && isBelowLogLevel(session.record, params?.['level'])) return;
    if (method === 'notifications/cancelled') {
      this.#takeBack(notification, params?.['requestId'] as JsonRpcId | undefined);
      return;
    }
    if (related !== undefined) related.sink.send(notification);
    else session.tell(notification);
  }

  #takeBack(notification: JsonRpcNotification, serverId: JsonRpcId | undefined): void {
    const { outbound, streams } = this.#session;
    const asked = outbound.findOf(this, serverId);
    if (asked === undefined) return;
    outbound.remove(asked);
    streams.unqueue(asked.id);
    asked.tell({ ...notification, params: { ...notification.params, requestId: asked.id } });
  }
}
