import type { StorePlace } from '../stores/store-place.js';

/** One message of a stream. */
export interface LoggedEvent {
  readonly stream: string;
  /** Counts the events of the stream, from 1. */
  readonly seq: number;
  /** The message as JSON. */
  readonly data: string;
}

/**
 * Keeps what was said in streams, for clients that lose their connection and come back with `Last-Event-ID`. Every
 * method takes tenant and session. A method that rejects harms nobody: it is told as `transportError`.
 */
export interface EventLog {
  /**
   * Keeps an event; old ones may give way.
   *
   * @param bytes its size as it is sent
   */
  append(place: StorePlace, event: LoggedEvent, bytes: number): void | Promise<void>;
  /** The events of one stream after a number, in order, as far as they are kept. */
  read(
    place: StorePlace,
    stream: string,
    after: number,
  ): readonly LoggedEvent[] | Promise<readonly LoggedEvent[]>;
  /** The session is over: nobody will ask again. */
  forget(place: StorePlace): void | Promise<void>;
}
