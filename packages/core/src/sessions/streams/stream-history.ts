import type { Principal } from '../../shared/model.js';
import { isPlainObject, isPromiseLike, toError } from '../../shared/values.js';
import { storePlace, type StorePlace, type StorePlaceParts } from '../stores/store-place.js';
import { EventIds, type EventIdParts, type EventPosition } from './event-ids.js';
import type { EventLog, LoggedEvent } from './event-log.js';

/** What makes streams resumable: a log, and what event ids are made with. */
export interface ResumableStreams extends EventIdParts, StorePlaceParts {
  readonly log: EventLog;
}

/** What a client has missed; undefined when that could not be found out. */
export type Missed = readonly LoggedEvent[] | undefined;

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

  /** What came after a place in its stream; undefined when the log fails. */
  after(position: EventPosition): Missed | Promise<Missed> {
    // What is still being written must not be missing.
    return this.#adding.size === 0
      ? this.#read(position)
      : Promise.all(this.#adding).then(() => this.#read(position));
  }

  forget(): void {
    const forget = (): void => void this.#quietly(() => this.#log.forget(this.#place));
    // What is still being written would be kept for ever.
    if (this.#adding.size === 0) forget();
    else void Promise.all(this.#adding).then(forget);
  }

  #read({ stream, seq }: EventPosition): Missed | Promise<Missed> {
    try {
      const events: unknown = this.#log.read(this.#place, stream, seq);
      if (!isPromiseLike(events)) return checkEvents(events);
      return Promise.resolve(events)
        .then(checkEvents)
        .catch((thrown: unknown) => this.#failed(thrown));
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): Missed {
    this.#onError(toError(thrown));
    return undefined;
  }

  #quietly(action: () => void | Promise<void>): Promise<void> | undefined {
    try {
      const running: unknown = action();
      if (!isPromiseLike(running)) return undefined;
      return Promise.resolve(running).then(
        () => undefined,
        (thrown: unknown) => {
          this.#onError(toError(thrown));
        },
      );
    } catch (thrown) {
      this.#onError(toError(thrown));
      return undefined;
    }
  }
}

/** A log is somebody's own; nothing that it gives back may stop a stream half-way. */
function checkEvents(given: unknown): readonly LoggedEvent[] {
  const isEvent = (event: unknown): boolean =>
    isPlainObject(event) && Number.isSafeInteger(event['seq']) && typeof event['data'] === 'string';
  if (Array.isArray(given) && given.every(isEvent)) return given as LoggedEvent[];
  throw new TypeError('The event log gave back something that is no list of events.');
}

/** Begins to keep what is said to a session; undefined where streams cannot be resumed. */
export function beginHistory(
  session: { readonly id: string; readonly principal: Principal; report(thrown: unknown): void },
  resumable: ResumableStreams | undefined,
): StreamHistory | undefined {
  const { id: sessionId, principal } = session;
  if (resumable === undefined) return undefined;
  return new StreamHistory(resumable, { tenantId: principal.tenantId, sessionId }, (error) => {
    session.report(error);
  });
}
