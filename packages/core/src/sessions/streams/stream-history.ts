import type { Principal } from '../../shared/model.js';
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
  /** What is still being written. */
  readonly #adding = new Set<Promise<void>>();

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
    const adding = this.#quietly(() => this.#log.append(this.#place, event, bytes));
    if (adding === undefined) return;
    this.#adding.add(adding);
    void adding.then(() => this.#adding.delete(adding));
  }

  /** What came after a place in its stream; nothing when the log fails. */
  after(position: EventPosition): readonly LoggedEvent[] | Promise<readonly LoggedEvent[]> {
    // What is still being written must not be missing.
    return this.#adding.size === 0
      ? this.#read(position)
      : Promise.all(this.#adding).then(() => this.#read(position));
  }

  forget(): void {
    void this.#quietly(() => this.#log.forget(this.#place));
  }

  #read({ stream, seq }: EventPosition): readonly LoggedEvent[] | Promise<readonly LoggedEvent[]> {
    try {
      const events = this.#log.read(this.#place, stream, seq);
      return events instanceof Promise ? events.catch((thrown: unknown) => this.#nothing(thrown)) : events;
    } catch (thrown) {
      return this.#nothing(thrown);
    }
  }

  #nothing(thrown: unknown): readonly LoggedEvent[] {
    this.#onError(toError(thrown));
    return [];
  }

  #quietly(action: () => void | Promise<void>): Promise<void> | undefined {
    try {
      return action()?.catch((thrown: unknown) => {
        this.#onError(toError(thrown));
      });
    } catch (thrown) {
      this.#onError(toError(thrown));
      return undefined;
    }
  }
}

/** Makes the history of a session's streams when it is needed first; undefined where streams cannot be resumed. */
export function historyMaker(
  resumable: ResumableStreams | undefined,
  { id: sessionId, principal }: { readonly id: string; readonly principal: Principal },
  onError: (error: Error) => void,
): (() => StreamHistory) | undefined {
  const { tenantId } = principal;
  return resumable && ((): StreamHistory => new StreamHistory(resumable, { tenantId, sessionId }, onError));
}
