import type { JsonRpcMessage } from '../shared/json-rpc.js';
import type { Heartbeat } from './heartbeat.js';
import { MessageQueue } from './message-queue.js';
import { SseStream } from './sse-stream.js';

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
  readonly #queue: MessageQueue;

  constructor(parts: StandaloneStreamParts) {
    this.#parts = parts;
    this.#queue = new MessageQueue(parts.queuedBytes);
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
    for (const json of this.#queue.takeAll()) stream.sendFirst(json);
    return stream.body;
  }

  /** Sends to the newest stream; false when none is open. */
  send(message: JsonRpcMessage): boolean {
    return this.#open.at(-1)?.send(message) ?? false;
  }

  /** Keeps a message for the next stream. */
  queue(message: JsonRpcMessage): void {
    this.#queue.add(message);
  }

  /** Takes back a question that nobody has seen yet; false when it is not there. */
  unqueue(id: number): boolean {
    return this.#queue.remove(id);
  }

  close(): void {
    this.#queue.takeAll();
    for (const stream of [...this.#open]) stream.close();
  }
}
