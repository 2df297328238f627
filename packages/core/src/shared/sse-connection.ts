import { coreError } from '../errors/core-error.js';
import {
  DirectStream,
  type ByteSink,
  type ByteSource,
  type DirectStreamController,
} from './direct-stream.js';

const encoder = new TextEncoder();

/** Headers of an event stream: nothing on the way may keep, change or hold it back. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  vary: 'Authorization',
  'x-accel-buffering': 'no',
});

/** A message as a server-sent event. */
export function sseFrame(json: string, id?: string): Uint8Array {
  return encoder.encode(`event: message\n${id === undefined ? '' : `id: ${id}\n`}data: ${json}\n\n`);
}

const KEEP_ALIVE = encoder.encode(': keep-alive\n\n');

/** Told once when a connection is over, and why. */
export type ConnectionGone = (how: 'closed' | 'cancelled' | 'overflow') => void;

/** How much may wait for a reader. */
export interface QueueBounds {
  /** Bytes of one connection. */
  readonly queuedBytes: number;
  /**
   * Asked before more bytes wait, and told of those that no longer do by a negative number; false when the tenant, or all
   * together, have as much waiting as they may.
   */
  readonly onQueued: (bytes: number) => boolean;
}

/** How many times a comment would have been due before what waits on a connection that has ended is dropped. */
const PATIENCE = 2;

/** One connection that carries server-sent events (HTML Standard §9.2) to a client. */
export class SseConnection {
  /** What the adapter writes. */
  readonly body: DirectStream;
  readonly #bounds: QueueBounds;
  readonly #onGone: ConnectionGone;
  readonly #onEmpty: () => void;
  #patience = PATIENCE;
  /** Where the stream is read. */
  #controller: DirectStreamController | undefined;
  /** Where somebody writes for itself. */
  #sink: ByteSink | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Whether the reader waits for something, or the sink takes more. */
  #wanted = false;
  #over = false;
  /** Why it has broken off, if it has. */
  #failure: Error | undefined;

  /** @param onEmpty told when it is over and nothing of it waits any more */
  constructor(bounds: QueueBounds, onGone: ConnectionGone, onEmpty: () => void) {
    this.#bounds = bounds;
    this.#onGone = onGone;
    this.#onEmpty = onEmpty;
    this.body = new DirectStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#handOver();
        },
        cancel: () => {
          this.#cancel();
        },
      },
      (sink) => this.#connect(sink),
    );
  }

  get open(): boolean {
    return !this.#over;
  }

  /** Bytes that wait for the reader. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Sends bytes; over a bound the connection is cut, because a reader this slow must not hold on to them. */
  write(bytes: Uint8Array): boolean {
    // A message larger than the bound is let through when nothing waits before it.
    const isTooMuch =
      this.#waitingBytes > 0 && this.#waitingBytes + bytes.byteLength > this.#bounds.queuedBytes;
    if (isTooMuch) this.cut();
    return this.writeFirst(bytes);
  }

  /** The same for what has waited elsewhere, where it was bounded already: only what all may hold together bounds it. */
  writeFirst(bytes: Uint8Array): boolean {
    if (this.#over) return false;
    if (this.#queue(bytes)) return true;
    this.cut();
    return false;
  }

  /** Writes a comment, so that neither side nor a proxy takes the silence for a dead connection. */
  keepAlive(): void {
    if (!this.#over) {
      this.write(KEEP_ALIVE);
      return;
    }
    // Somebody who has stopped reading must not hold on to what waits for ever.
    this.#patience -= 1;
    if (this.#patience === 0) this.#fail();
  }

  /** Ends the connection after what is queued. */
  close(): void {
    if (this.#over) return;
    this.#finish('closed');
    if (this.#waiting.length === 0) this.#close();
  }

  /** Ends the connection at once, and drops what waits. */
  cut(): void {
    if (this.#over) return;
    this.#finish('overflow');
    this.#fail();
  }

  /** Somebody writes for itself: what waits goes there, and what will come. */
  #connect(sink: ByteSink): ByteSource {
    if (this.#over && this.#waiting.length === 0) return this.#connectLate(sink);
    this.#sink = sink;
    this.#controller = undefined;
    this.#flush();
    return {
      drained: () => {
        this.#flush();
      },
      cancel: () => {
        this.#cancel();
      },
    };
  }

  /** It has ended before anybody could write it. */
  #connectLate(sink: ByteSink): ByteSource {
    if (this.#failure === undefined) sink.end();
    else sink.fail(this.#failure);
    return { drained: () => undefined, cancel: () => undefined };
  }

  /** Writes what waits, until the sink has enough. */
  #flush(): void {
    while (this.#sink !== undefined) {
      const next = this.#waiting.shift();
      this.#wanted = next === undefined;
      if (next === undefined) return;
      const wantsMore = this.#sink.write(next);
      this.#gone(next);
      if (!wantsMore) return;
    }
  }

  #cancel(): void {
    this.#sink = undefined;
    this.#finish('cancelled');
    this.#drop();
  }

  #queue(bytes: Uint8Array): boolean {
    if (this.#wanted) {
      this.#wanted = this.#sink?.write(bytes) ?? false;
      this.#controller?.enqueue(bytes);
      return true;
    }
    if (!this.#bounds.onQueued(bytes.byteLength)) return false;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.byteLength;
    return true;
  }

  /** The reader wants more. */
  #handOver(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#wanted = true;
      return;
    }
    this.#controller?.enqueue(next);
    this.#gone(next);
  }

  /** Something waits no longer; if it was the last that there was to say, this is the end. */
  #gone({ byteLength }: Uint8Array): void {
    this.#waitingBytes -= byteLength;
    this.#bounds.onQueued(-byteLength);
    if (this.#over && this.#waiting.length === 0) this.#close();
  }

  #close(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end();
    this.#controller?.close();
    this.#onEmpty();
  }

  #fail(): void {
    this.#drop();
    const error = coreError('client_gone', 'The client reads too slowly.');
    this.#failure = error;
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.fail(error);
    this.#controller?.error(error);
  }

  #drop(): void {
    this.#bounds.onQueued(-this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#onEmpty();
  }

  #finish(how: 'closed' | 'cancelled' | 'overflow'): void {
    if (this.#over) return;
    this.#over = true;
    this.#onGone(how);
  }
}
