import { coreError } from '../../errors/core-error.js';

const encoder = new TextEncoder();
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

/** One connection that carries server-sent events (HTML Standard §9.2) to a client. */
export class SseConnection {
  /** What the adapter writes. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #bounds: QueueBounds;
  readonly #onGone: ConnectionGone;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Whether the reader waits for something. */
  #wanted = false;
  #over = false;

  constructor(bounds: QueueBounds, onGone: ConnectionGone) {
    this.#bounds = bounds;
    this.#onGone = onGone;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#handOver();
        },
        cancel: () => {
          this.#finish('cancelled');
          this.#drop();
        },
      },
      { highWaterMark: 0 },
    );
  }

  get open(): boolean {
    return !this.#over;
  }

  /** Sends bytes; over a bound the connection is cut, because a reader this slow must not hold on to them. */
  write(bytes: Uint8Array): boolean {
    if (this.#over) return false;
    // A message larger than the bound is let through when nothing waits before it.
    const isTooMuch =
      this.#waitingBytes > 0 && this.#waitingBytes + bytes.byteLength > this.#bounds.queuedBytes;
    if (isTooMuch || !this.#queue(bytes)) {
      this.#finish('overflow');
      this.#drop();
      this.#controller?.error(coreError('client_gone', 'The client reads too slowly.'));
      return false;
    }
    return true;
  }

  /** The same for what has waited elsewhere, where it was bounded already. */
  writeFirst(bytes: Uint8Array): void {
    if (!this.#over) this.#queue(bytes);
  }

  /** Writes a comment, so that neither side nor a proxy takes the silence for a dead connection. */
  keepAlive(): void {
    this.write(KEEP_ALIVE);
  }

  /** Ends the connection after what is queued. */
  close(): void {
    if (this.#over) return;
    this.#finish('closed');
    // From here on nothing is added, so what waits need not be bounded any more.
    this.#bounds.onQueued(-this.#waitingBytes);
    this.#waitingBytes = 0;
    if (this.#waiting.length === 0) this.#controller?.close();
  }

  #queue(bytes: Uint8Array): boolean {
    if (this.#wanted) {
      this.#wanted = false;
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
    if (!this.#over) {
      this.#waitingBytes -= next.byteLength;
      this.#bounds.onQueued(-next.byteLength);
    } else if (this.#waiting.length === 0) this.#controller?.close();
  }

  #drop(): void {
    this.#bounds.onQueued(-this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #finish(how: 'closed' | 'cancelled' | 'overflow'): void {
    if (this.#over) return;
    this.#over = true;
    this.#onGone(how);
  }
}
