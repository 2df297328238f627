import { toError } from '../../shared/values.js';
import { storePlace, type StorePlace, type StorePlaceParts } from '../stores/store-place.js';
import { EventIds, type EventIdParts, type EventPosition } from './event-ids.js';
import type { EventLog, LoggedEvent } from './event-log.js';

/** What makes streams resumable: a log, and what event ids are made with. */
export interface ResumableStreams extends EventIdParts, StorePlaceParts {
  readonly log: EventLog;
}

/** What was said in the streams of one session, as far as it is kept. Errors of the log are told, never thrown. */
export class StreamHistory {
  readonly #log: EventLog;
  readonly #ids: EventIds;
  readonly #place: StorePlace;
  readonly #onError: (error: Error) => void;

  constructor(
    { log, ...parts }: ResumableStreams,
    session: { readonly tenantId: string; readonly sessionId: string },
    onError: (error: Error) => void,
  ) {
    const { tenantId, sessionId } = session;
    this.#log = log;
    this.#ids = new EventIds(parts, session);
    this.#place = storePlace(parts, tenantId, sessionId);
    this.#onError = onError;
  }

  /** The event id of a place in a stream. */
  idOf(position: EventPosition): string {
    return this.#ids.of(position);
  }

  /** The place a client means by an event id; undefined when it was given none here. */
  positionOf(id: string): EventPosition | undefined {
    return this.#ids.parse(id);
  }

  add(event: LoggedEvent, bytes: number): void {
    this.#quietly(() => this.#log.append(this.#place, event, bytes));
  }

  /** What came after a place in its stream; nothing when the log fails. */
  after({ stream, seq }: EventPosition): readonly LoggedEvent[] | Promise<readonly LoggedEvent[]> {
    try {
      const events = this.#log.read(this.#place, stream, seq);
      return events instanceof Promise ? events.catch((thrown: unknown) => this.#nothing(thrown)) : events;
    } catch (thrown) {
      return this.#nothing(thrown);
    }
  }

  forget(): void {
    this.#quietly(() => this.#log.forget(this.#place));
  }

  #nothing(thrown: unknown): readonly LoggedEvent[] {
    this.#onError(toError(thrown));
    return [];
  }

  #quietly(action: () => void | Promise<void>): void {
    try {
      action()?.catch((thrown: unknown) => {
        this.#onError(toError(thrown));
      });
    } catch (thrown) {
      this.#onError(toError(thrown));
    }
  }
}
