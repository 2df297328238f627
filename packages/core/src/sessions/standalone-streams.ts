import { isNotification, isRequest, type JsonRpcMessage } from '../shared/json-rpc.js';
import type { Heartbeat } from './heartbeat.js';
import { SseStream } from './sse-stream.js';

const MAXIMUM_QUEUED_MESSAGES = 32;

/** What the GET streams of a session need. */
export interface StandaloneStreamParts {
  readonly heartbeat: Heartbeat;
  readonly queuedBytes: number;
  /** Told of each stream that opened (1) or ended (-1). */
  readonly onCount: (change: 1 | -1) => void;
  /** Told when the client reads too slowly and the stream was closed. */
  readonly onOverflow: () => void;
}

/**
 * The GET streams of one session. Several may be open; each message goes to the newest only (MCP 2025-11-25,
 * "Multiple Connections"). What is said while none is open waits for the next one.
 */
export class StandaloneStreams {
  readonly #parts: StandaloneStreamParts;
  readonly #open: SseStream[] = [];
  #queue: JsonRpcMessage[] = [];

  constructor(parts: StandaloneStreamParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#open.length;
  }

  /** Opens a stream, ending the oldest one when there would be more than `maximum`. */
  open(maximum: number): ReadableStream<Uint8Array> {
    while (this.#open.length >= maximum) this.#open[0]?.close();
    const { heartbeat, queuedBytes, onCount, onOverflow } = this.#parts;
    const stream = new SseStream(queuedBytes, (how) => {
      heartbeat.unwatchStream(stream);
      this.#open.splice(this.#open.indexOf(stream), 1);
      onCount(-1);
      if (how === 'overflow') onOverflow();
    });
    this.#open.push(stream);
    onCount(1);
    heartbeat.watchStream(stream);
    const queued = this.#queue;
    this.#queue = [];
    for (const message of queued) stream.send(message);
    return stream.body;
  }

  /** Sends to the newest stream; false when none is open. */
  send(message: JsonRpcMessage): boolean {
    return this.#open.at(-1)?.send(message) ?? false;
  }

  /** Keeps a message for the next stream. The oldest one gives way when too many wait. */
  queue(message: JsonRpcMessage): void {
    const isDuplicate =
      isNotification(message) &&
      message.method.endsWith('/list_changed') &&
      this.#queue.some((other) => isNotification(other) && other.method === message.method);
    if (isDuplicate) return;
    this.#queue.push(message);
    if (this.#queue.length > MAXIMUM_QUEUED_MESSAGES) this.#queue.shift();
  }

  /** Takes back a question that nobody has seen yet. */
  unqueue(id: number): void {
    this.#queue = this.#queue.filter((message) => !(isRequest(message) && message.id === id));
  }

  close(): void {
    this.#queue = [];
    for (const stream of [...this.#open]) stream.close();
  }
}
