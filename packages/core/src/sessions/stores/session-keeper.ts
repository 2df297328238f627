import type { Principal } from '../../shared/model.js';
import type { Clock, Timers } from '../../shared/platform.js';
import { isPromiseLike, toError } from '../../shared/values.js';
import type { Session } from '../session.js';
import { isStoredSession, type SessionStore, type StoredSession } from './session-store.js';
import { storePlace, type StorePlace, type StorePlaceParts } from './store-place.js';

/** What keeping sessions takes. */
export interface SessionKeeperParts extends StorePlaceParts {
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** How long the end waits for what is still being written, in milliseconds. */
  readonly patienceMs: number;
  /** Milliseconds without use after which a session ends. */
  readonly idleMs: number;
  /** Names this process among those that share the store. */
  readonly owner: string;
}

/** How often a session that is being used is saved again, and how much longer than it lives it is kept: parts of `idleMs`. */
const SAVES_PER_IDLE_TIME = 4;

/** How many sessions that are over are kept in mind before those are forgotten whose time has passed. */
const MANY_OVER = 1000;

/** Writes sessions to a store and reads them from it: one write of a session after the other, and none that throws. */
export class SessionKeeper {
  readonly #parts: SessionKeeperParts;
  readonly #saveEveryMs: number;
  readonly #savedAt = new WeakMap<Session, number>();
  /** What is to be written next. */
  readonly #newest = new WeakMap<Session, StoredSession>();
  readonly #writing = new Map<Session, Promise<void>>();
  /** Sessions that are over and that the store may still have: until when they may not be read, in monotonic milliseconds. */
  readonly #over = new Map<string, number>();
  /** Sessions that are being read. */
  readonly #loading = new Map<string, Set<{ isOver: boolean }>>();

  constructor(parts: SessionKeeperParts) {
    this.#parts = parts;
    this.#saveEveryMs = parts.idleMs / SAVES_PER_IDLE_TIME;
  }

  save(session: Session): void {
    const { record, principal, createdAt } = session;
    if (record === undefined) return;
    const { clock, idleMs, owner, store } = this.#parts;
    this.#savedAt.set(session, clock.monotonic());
    const expiresAt = clock.now() + idleMs + this.#saveEveryMs;
    const stored: StoredSession = {
      subject: principal.subject,
      createdAt: createdAt.getTime(),
      ...(Number.isFinite(expiresAt) ? { expiresAt } : {}),
      owner,
      conversation: { ...record, subscriptions: [...record.subscriptions] },
    };
    const isWaiting = this.#newest.has(session);
    this.#newest.set(session, stored);
    // The write that waits for its turn takes what is newest then.
    if (isWaiting) return;
    this.#write(session, (place) => {
      const newest = this.#newest.get(session) ?? stored;
      this.#newest.delete(session);
      return store.save(place, newest);
    });
  }

  /** Saves a session again that was used, when the last time is long ago. */
  saveIfUsed(session: Session): void {
    const savedAt = this.#savedAt.get(session) ?? Infinity;
    const isUsed = session.lastUsedAt > savedAt || !session.quiet;
    if (isUsed && this.#parts.clock.monotonic() - savedAt >= this.#saveEveryMs) this.save(session);
  }

  /** From here on the session is not found any more, however long the store takes, or if it fails. */
  remove(session: Session): void {
    const { owner, store, clock, idleMs } = this.#parts;
    const key = keyOf(session.principal.tenantId, session.id);
    for (const loading of this.#loading.get(key) ?? []) loading.isOver = true;
    if (this.#over.size >= MANY_OVER) this.#forgetOld();
    this.#over.set(key, Infinity);
    const whenDone = (isRemoved: boolean): void => {
      if (isRemoved) this.#over.delete(key);
      else this.#over.set(key, clock.monotonic() + idleMs + this.#saveEveryMs);
    };
    this.#write(session, (place) => store.remove(place, owner), whenDone);
  }

  /** The session of this caller that the store has under an id; undefined for any other, and when it cannot be read. */
  async load(
    { tenantId, subject }: Principal,
    sessionId: string,
    onError: (error: Error) => void,
  ): Promise<StoredSession | undefined> {
    const { store, clock } = this.#parts;
    const key = keyOf(tenantId, sessionId);
    if (this.#over.has(key)) return undefined;
    const loading = this.#beginLoading(key);
    try {
      const found: unknown = await store.load(storePlace(this.#parts, tenantId, sessionId));
      if (found === undefined || found === null || loading.isOver) return undefined;
      // It is changed as the session goes on, and must not change, or be changed by, what the store has.
      const stored: unknown = JSON.parse(JSON.stringify(found));
      if (!isStoredSession(stored))
        throw new Error('The session store gave back something that is no session.');
      const isUsable = stored.subject === subject && (stored.expiresAt ?? Infinity) > clock.now();
      return isUsable ? stored : undefined;
    } catch (thrown) {
      onError(toError(thrown));
      return undefined;
    } finally {
      loading.end();
    }
  }

  /** Waits until everything is written, but not for a store that takes its time without end. */
  async settled(): Promise<void> {
    if (this.#writing.size === 0) return;
    const { timers, patienceMs } = this.#parts;
    let timer: unknown;
    const patience = new Promise<void>((resolve) => {
      timer = timers.setTimeout(resolve, patienceMs);
    });
    await Promise.race([Promise.all(this.#writing.values()), patience]);
    timers.clearTimeout(timer);
  }

  #beginLoading(key: string): { isOver: boolean; readonly end: () => void } {
    const others = this.#loading.get(key) ?? new Set();
    this.#loading.set(key, others);
    const loading = {
      isOver: false,
      end: () => {
        others.delete(loading);
        if (others.size === 0) this.#loading.delete(key);
      },
    };
    others.add(loading);
    return loading;
  }

  #forgetOld(): void {
    const now = this.#parts.clock.monotonic();
    for (const [key, until] of this.#over) if (until <= now) this.#over.delete(key);
  }

  #write(
    session: Session,
    action: (place: StorePlace) => void | Promise<void>,
    whenDone: (isWritten: boolean) => void = () => undefined,
  ): void {
    const place = storePlace(this.#parts, session.principal.tenantId, session.id);
    const failed = (thrown: unknown): void => {
      whenDone(false);
      session.report(thrown);
    };
    const run = (): void | Promise<void> => {
      try {
        const running: unknown = action(place);
        if (isPromiseLike(running)) {
          return Promise.resolve(running).then(() => {
            whenDone(true);
          }, failed);
        }
        whenDone(true);
      } catch (thrown) {
        failed(thrown);
      }
    };
    const before = this.#writing.get(session);
    const running = before === undefined ? run() : before.then(run);
    if (running === undefined) return;
    const writing = running.then(() => {
      if (this.#writing.get(session) === writing) this.#writing.delete(session);
    });
    this.#writing.set(session, writing);
  }
}

function keyOf(tenantId: string, sessionId: string): string {
  // A session id holds no full stop.
  return `${sessionId}.${tenantId}`;
}
