import { connectionClosed, internalError, soundResponse } from '../../errors/json-rpc-errors.js';
import type { MessageExtra, SendOptions, ServerTransport } from '../../servers/transport.js';
import {
  isNotification,
  isResponse,
  requestWithId,
  responseWithId,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../../shared/json-rpc.js';

/** Who hears what a server says because of one request. */
export interface TransportCall {
  /** The answer, under the id that the request came with. `early` when it was given before any handler ran. */
  settle(response: JsonRpcResponse, early: boolean): void;
  send(notification: JsonRpcNotification): void;
}

/** Who hears what belongs to no request. */
export interface TransportObserver {
  readonly said: (notification: JsonRpcNotification) => void;
  readonly failed: (thrown: unknown) => void;
  /** The server has closed itself, or was closed. */
  readonly closed: () => void;
}

class OpenCall {
  readonly request: JsonRpcRequest;
  readonly call: TransportCall;

  constructor(request: JsonRpcRequest, call: TransportCall) {
    this.request = request;
    this.call = call;
  }
}

/**
 * Connects a server that is kept to the calls of many clients: the `Transport` of both SDKs. The server sees ids of this
 * transport's own, so two clients that number alike never meet.
 */
export class StatelessTransport implements ServerTransport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  readonly #observer: TransportObserver;
  readonly #calls = new Map<number, OpenCall>();
  #lastId = 0;
  #closed = false;
  /** The id of the request that is being handed over; handlers run later. */
  #handingOver: number | undefined;

  constructor(observer: TransportObserver) {
    this.#observer = observer;
  }

  get closed(): boolean {
    return this.#closed;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Hands a request to the server, and returns the id that `cancel` takes. */
  deliver(request: JsonRpcRequest, extra: MessageExtra | undefined, call: TransportCall): number {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#calls.set(id, new OpenCall(request, call));
    if (this.#closed) {
      this.#settle(id, connectionClosed(id));
      return id;
    }
    this.#handingOver = id;
    try {
      this.onmessage?.(requestWithId(request, id) as never, extra as never);
    } catch (thrown) {
      this.#observer.failed(thrown);
      this.#settle(id, internalError(id));
    } finally {
      this.#handingOver = undefined;
    }
    return id;
  }

  /** Tells the server that nobody waits for an answer any more; whatever it says to this request is dropped. */
  cancel(id: number, extra: MessageExtra | undefined, reason: string): void {
    if (!this.#calls.delete(id)) return;
    this.notify({ method: 'notifications/cancelled', params: { requestId: id, reason } }, extra);
  }

  /** Tells the server something that it does not answer. */
  notify(notification: Omit<JsonRpcNotification, 'jsonrpc'>, extra?: MessageExtra): void {
    try {
      this.onmessage?.({ jsonrpc: '2.0', ...notification } as never, extra as never);
    } catch (thrown) {
      this.#observer.failed(thrown);
    }
  }

  /** Takes a message from the server. */
  async send(message: JsonRpcMessage, { relatedRequestId }: SendOptions = {}): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (isResponse(message)) this.#settle(Number(message.id), message);
    else if (isNotification(message)) {
      if (relatedRequestId === undefined) this.#observer.said(message);
      else this.#calls.get(Number(relatedRequestId))?.call.send(message);
    } else {
      // SDK v2 refuses to ask in this era, so this is for servers that have no SDK.
      throw new Error('A server cannot ask clients of MCP 2026-07-28 anything but in a result.');
    }
    return Promise.resolve();
  }

  /** Called by the server when it closes. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    try {
      this.onclose?.();
    } catch (thrown) {
      this.#observer.failed(thrown);
    }
    for (const id of [...this.#calls.keys()]) this.#settle(id, connectionClosed(id));
    this.#observer.closed();
    return Promise.resolve();
  }

  #settle(id: number, response: JsonRpcResponse): void {
    const open = this.#calls.get(id);
    if (open === undefined) return;
    this.#calls.delete(id);
    const sound = soundResponse(response);
    open.call.settle(responseWithId(sound, open.request.id), id === this.#handingOver);
  }
}
