import type { JsonRpcMessage } from '../shared/json-rpc.js';

const encoder = new TextEncoder();
const KEEP_ALIVE = encoder.encode(': keep-alive\n\n');

/** Told when a stream is over, and why. */
export type StreamClosed = (how: 'closed' | 'cancelled' | 'overflow') => void;

/** One server-sent event stream (HTML Standard §9.2) that carries JSON-RPC messages. */
export class SseStream {
  /** What the adapter writes. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #onClosed: StreamClosed;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** @param queuedBytes how much may wait for a reader; over it, the stream closes */
  constructor(queuedBytes: number, onClosed: StreamClosed) {
    this.#onClosed = onClosed;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => {
          this.#finish('cancelled');
        },
      },
      { highWaterMark: queuedBytes, size: (chunk) => chunk.byteLength },
    );
  }

  get open(): boolean {
    return this.#controller !== undefined;
  }

  /** Sends one message; false when the stream is over. */
  send(message: JsonRpcMessage): boolean {
    return this.sendText(JSON.stringify(message));
  }

  /** The same for a message that is JSON already. */
  sendText(json: string): boolean {
    return this.#write(toFrame(json));
  }

  /** Sends what has waited for the stream; it is bounded already. */
  sendFirst(json: string): void {
    this.#controller?.enqueue(toFrame(json));
  }

  /** Writes a comment, so that neither side nor a proxy takes the silence for a dead connection. */
  keepAlive(): void {
    this.#write(KEEP_ALIVE);
  }

  /** Ends the stream after what is queued. */
  close(): void {
    const controller = this.#controller;
    this.#finish('closed');
    controller?.close();
  }

  #write(bytes: Uint8Array): boolean {
    const controller = this.#controller;
    if (controller === undefined) return false;
    // A message larger than the bound is let through when nothing waits before it.
    if ((controller.desiredSize ?? 0) <= 0) {
      this.#finish('overflow');
      // What waits is dropped: a reader this slow must not hold on to it, nor to the connection.
      controller.error(new Error('The client reads too slowly.'));
      return false;
    }
    controller.enqueue(bytes);
    return true;
  }

  #finish(how: 'closed' | 'cancelled' | 'overflow'): void {
    if (this.#controller === undefined) return;
    this.#controller = undefined;
    this.#onClosed(how);
  }
}

function toFrame(json: string): Uint8Array {
  return encoder.encode(`event: message\ndata: ${json}\n\n`);
}
