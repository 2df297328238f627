import type { Principal } from '../../shared/model.js';
import type { Clock } from '../../shared/platform.js';
import { toError } from '../../shared/values.js';
import type { Session } from '../session.js';
import { isStoredSession, type SessionStore, type StoredSession } from './session-store.js';
import { storePlace, type StorePlace, type StorePlaceParts } from './store-place.js';

/** What keeping sessions takes. */
export interface SessionKeeperParts extends StorePlaceParts {
  readonly store: SessionStore;
  readonly clock: Clock;
  /** Milliseconds without use after which a session ends. */
  readonly idleMs: number;
  /** Names this process among those that share the store. */
  readonly owner: string;
}

/** How often a session that is being used is saved again, and how much longer than it lives it is kept: parts of `idleMs`. */
const SAVES_PER_IDLE_TIME = 4;

/** Writes sessions to a store and reads them from it: one write of a session after the other, and none that throws. */
export class SessionKeeper {
  readonly #parts: SessionKeeperParts;
  readonly #saveEveryMs: number;
  readonly #savedAt = new WeakMap<Session, number>();
  readonly #writing = new Map<Session, Promise<void>>();

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
    this.#write(session, (place) => store.save(place, stored));
  }

  /** Saves a session again that was used, when the last time is long ago. */
  saveIfUsed(session: Session): void {
    const savedAt = this.#savedAt.get(session);
    if (savedAt !== undefined && session.lastUsedAt - savedAt >= this.#saveEveryMs) this.save(session);
  }

  remove(session: Session): void {
    const { owner, store } = this.#parts;
    this.#write(session, (place) => store.remove(place, owner));
  }

  /** The session of this caller that the store has under an id; undefined for any other, and when it cannot be read. */
  async load(
    { tenantId, subject }: Principal,
    sessionId: string,
    onError: (error: Error) => void,
  ): Promise<StoredSession | undefined> {
    const { store, clock } = this.#parts;
    try {
      const stored: unknown = await store.load(storePlace(this.#parts, tenantId, sessionId));
      if (stored === undefined || stored === null) return undefined;
      if (!isStoredSession(stored))
        throw new Error('The session store gave back something that is no session.');
      const isUsable = stored.subject === subject && (stored.expiresAt ?? Infinity) > clock.now();
      return isUsable ? stored : undefined;
    } catch (thrown) {
      onError(toError(thrown));
      return undefined;
    }
  }

  /** Waits until everything is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  #write(session: Session, action: (place: StorePlace) => void | Promise<void>): void {
    const place = storePlace(this.#parts, session.principal.tenantId, session.id);
    const before = this.#writing.get(session);
    const run = (): void | Promise<void> => {
      try {
        return action(place)?.catch((thrown: unknown) => {
          session.report(thrown);
        });
      } catch (thrown) {
        session.report(thrown);
      }
    };
    const running = before === undefined ? run() : before.then(run);
    if (running === undefined) return;
    const writing = running.then(() => {
      if (this.#writing.get(session) === writing) this.#writing.delete(session);
    });
    this.#writing.set(session, writing);
  }
}
