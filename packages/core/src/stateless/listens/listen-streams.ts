import type { Admission } from '../../limits/admission.js';
import type { Usage } from '../../limits/usage.js';
import type { Answer } from '../../shared/edge.js';
import type { Heartbeat } from '../../shared/heartbeat.js';
import type { Principal } from '../../shared/model.js';
import { SseConnection, STREAM_HEADERS } from '../../shared/sse-connection.js';

/** A stream of the SDK's, and how it is told to end with a result. */
export interface ListenSource {
  readonly body: ReadableStream<Uint8Array>;
  readonly end: () => Promise<void>;
}

/** Room for one stream. */
export interface ListenPlace {
  readonly principal: Principal;
  readonly usage: Usage;
  /** Gives the room back; once. */
  readonly release: () => void;
}

/** What listen streams are served with. */
export interface ListenStreamsParts {
  readonly admission: Admission;
  readonly heartbeat: Heartbeat;
  readonly queuedBytes: number;
  /** A client read too slowly, and lost its stream. */
  readonly cut: () => void;
  /** A stream has ended. */
  readonly ended: () => void;
}

interface Listen {
  readonly place: ListenPlace;
  readonly connection: SseConnection;
  readonly end: () => void;
}

/** Open `subscriptions/listen` streams: what clients of the stateless era hear changes on. */
export class ListenStreams {
  readonly #parts: ListenStreamsParts;
  readonly #open = new Set<Listen>();

  constructor(parts: ListenStreamsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Makes room for a stream, before it is opened, so that many at once cannot pass a cap.
   *
   * @throws `too_many_listens`, `server_full`
   */
  admit(principal: Principal): ListenPlace {
    const { admission } = this.#parts;
    const usage = admission.usage(principal);
    admission.admitListen(usage);
    admission.count(usage, 'listens', 1);
    let isHeld = true;
    const release = (): void => {
      if (isHeld) admission.count(usage, 'listens', -1);
      isHeld = false;
    };
    return { principal, usage, release };
  }

  /** Passes a stream on to a client: bounded, with comments while it is quiet. */
  open(place: ListenPlace, source: ListenSource): Answer {
    const { admission, heartbeat, queuedBytes, cut, ended } = this.#parts;
    const reader = source.body.getReader();
    const connection: SseConnection = new SseConnection(
      { queuedBytes, onQueued: (bytes) => admission.queue(place.usage, bytes) },
      (how) => {
        this.#forget(listen);
        if (how === 'overflow') cut();
        reader.cancel().catch(() => undefined);
        ended();
      },
      () => {
        heartbeat.unwatchStream(connection);
      },
    );
    const listen: Listen = {
      place,
      connection,
      end: () => {
        // Nobody counts it any more, though its last words are still on their way.
        this.#forget(listen);
        void source.end();
      },
    };
    this.#open.add(listen);
    heartbeat.watchStream(connection);
    void pump(reader, connection);
    return { status: 200, headers: STREAM_HEADERS, body: connection.body };
  }

  /** Whether a user has a stream open. */
  hasOf(subject: string): boolean {
    for (const { place } of this.#open) if (place.principal.subject === subject) return true;
    return false;
  }

  /** Ends streams with the result that says so. */
  endOf(which: (principal: Principal) => boolean): void {
    for (const { place, end } of [...this.#open]) if (which(place.principal)) end();
  }

  /** Ends the stream that has been open for longest; false when there is none. */
  endOldest(): boolean {
    const [oldest] = this.#open;
    oldest?.end();
    return oldest !== undefined;
  }

  /** The connection whose client reads most slowly, if one reads slowly. */
  slowest(): SseConnection | undefined {
    let slowest: SseConnection | undefined;
    for (const { connection } of this.#open)
      if (connection.waitingBytes > (slowest?.waitingBytes ?? 0)) slowest = connection;
    return slowest;
  }

  #forget(listen: Listen): void {
    this.#open.delete(listen);
    listen.place.release();
  }
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  connection: SseConnection,
): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      connection.write(value);
    }
  } catch {
    // A stream that breaks is over like one that ends.
  }
  connection.close();
}
