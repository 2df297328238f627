import type { Heartbeat } from '../../shared/heartbeat.js';
import type { LoggedEvent } from './event-log.js';
import {
  sseFrame,
  SseConnection,
  type ConnectionGone,
  type QueueBounds,
} from '../../shared/sse-connection.js';
import type { StreamHistory } from './stream-history.js';
import type { Written } from './written.js';

/** What the streams of a session have in common. */
export interface MessageStreamParts extends QueueBounds {
  readonly heartbeat: Heartbeat;
  /** What was said before; missing where streams cannot be resumed. */
  readonly history: () => StreamHistory | undefined;
  /** Whether clients expect to be told at once where they stand (MCP 2025-11-25 and later). */
  readonly primes: () => boolean;
  /** Milliseconds after which a client that lost its connection should come back. */
  readonly retryMs: number;
  /** Told when the client reads too slowly and its connection was cut. */
  readonly onOverflow: () => void;
}

/** Where a client stands that comes back. */
export interface Resumption {
  /** The number of the last event it has seen. */
  readonly seq: number;
  /** What was said since. */
  readonly missed: readonly LoggedEvent[];
}

const encoder = new TextEncoder();

/**
 * One stream of messages to a client. With a history it outlives its connections: what is said while none is there waits
 * for the client to come back and say where it stands.
 */
export class MessageStream {
  /** Names it in event ids. */
  readonly key: string;
  readonly #parts: MessageStreamParts;
  #connection: SseConnection | undefined;
  #seq: number;
  #ended = false;

  /** @param seq the number of its last event, for one that is continued */
  constructor(key: string, parts: MessageStreamParts, seq = 0) {
    this.key = key;
    this.#parts = parts;
    this.#seq = seq;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** The number of its last event. */
  get seq(): number {
    return this.#seq;
  }

  /** Connects a client in the place of the one that is connected, if there is one. */
  connect(
    onGone?: ConnectionGone,
    { seq, missed }: Resumption = { seq: this.#seq, missed: [] },
  ): ReadableStream<Uint8Array> {
    this.disconnect();
    const { heartbeat, retryMs, onOverflow, primes } = this.#parts;
    const history = this.#parts.history();
    const connection: SseConnection = new SseConnection(
      this.#parts,
      (how) => {
        if (this.#connection === connection) this.#connection = undefined;
        if (how === 'overflow') onOverflow();
        onGone?.(how);
      },
      () => {
        heartbeat.unwatchStream(connection);
      },
    );
    this.#connection = connection;
    heartbeat.watchStream(connection);
    if (history !== undefined && primes()) {
      const id = history.idOf({ stream: this.key, seq });
      connection.writeFirst(encoder.encode(`id: ${id}\nretry: ${String(retryMs)}\ndata: \n\n`));
    }
    for (const event of missed) connection.writeFirst(sseFrame(event.data, history?.idOf(event)));
    return connection.body;
  }

  /** Says something; false when the client can no longer get it. */
  send({ json, frame: known }: Written): boolean {
    if (this.#ended) return false;
    const history = this.#parts.history();
    if (history === undefined) return this.#connection?.write(known ?? sseFrame(json)) ?? false;
    // Kept also while nobody is connected: that is what clients come back for.
    const frame = this.#keep(json, history);
    this.#connection?.write(frame);
    return true;
  }

  /** The same for what has waited until somebody connected; it is bounded already. */
  sendFirst(json: string): void {
    const history = this.#parts.history();
    const frame = history === undefined ? sseFrame(json) : this.#keep(json, history);
    this.#connection?.writeFirst(frame);
  }

  /** Bytes that wait for the client. */
  get waitingBytes(): number {
    return this.#connection?.waitingBytes ?? 0;
  }

  /** Cuts the connection of a client that reads too slowly. It may come back for the rest. */
  cut(): void {
    this.#connection?.cut();
  }

  /** Ends the connection after what is queued. The stream goes on for a client that comes back. */
  disconnect(): void {
    this.#connection?.close();
  }

  /** Ends the stream, and its connection after what is queued. */
  end(): void {
    this.#ended = true;
    this.disconnect();
  }

  /** Gives a message its place in the stream, and returns it as it is sent. */
  #keep(json: string, history: StreamHistory): Uint8Array {
    this.#seq += 1;
    const event = { stream: this.key, seq: this.#seq, data: json };
    const frame = sseFrame(json, history.idOf(event));
    history.add(event, frame.byteLength);
    return frame;
  }
}
