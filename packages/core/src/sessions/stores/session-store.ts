import { isPlainObject } from '../../shared/values.js';
import { SESSION_VERSIONS } from '../../shared/protocol-versions.js';
import type { SessionRecord } from '../session-record.js';
import type { StorePlace } from './store-place.js';

/** A session as a store keeps it: plain JSON, enough to go on with it in another process. */
export interface StoredSession {
  /** The user it belongs to. */
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it may be forgotten, in milliseconds since the epoch; missing for never. */
  readonly expiresAt?: number;
  /** The process that has it. */
  readonly owner: string;
  /** What client and server have told each other that a new server has to know. */
  readonly conversation: SessionRecord;
}

/**
 * Keeps sessions, so that another process can go on with them. Every method takes tenant and session. A method that rejects
 * harms no call: it is told as `transportError`, and a session that cannot be read is not found.
 */
export interface SessionStore {
  /** Keeps a session, in the place of what was kept of it before. */
  save(place: StorePlace, session: StoredSession): void | Promise<void>;
  load(place: StorePlace): StoredSession | undefined | Promise<StoredSession | undefined>;
  /** Forgets a session, unless another owner has saved it since. */
  remove(place: StorePlace, owner: string): void | Promise<void>;
}

/** How many times a store in memory is written to before it looks for what has expired. */
const SAVES_PER_SWEEP = 1000;

/** A store in memory: for tests, and for sessions that are to outlive their tessera but not the process. */
export function memorySessionStore(): SessionStore {
  return new MemorySessionStore();
}

class MemorySessionStore implements SessionStore {
  readonly #tenants = new Map<string, Map<string, string>>();
  #saves = 0;

  save({ tenantId, session }: StorePlace, stored: StoredSession): void {
    const sessions = this.#tenants.get(tenantId) ?? new Map<string, string>();
    this.#tenants.set(tenantId, sessions);
    // As text, so that what is kept cannot change with what is used.
    sessions.set(session, JSON.stringify(stored));
    this.#saves += 1;
    if (this.#saves % SAVES_PER_SWEEP === 0) this.#sweep();
  }

  load({ tenantId, session }: StorePlace): StoredSession | undefined {
    const text = this.#tenants.get(tenantId)?.get(session);
    return text === undefined ? undefined : (JSON.parse(text) as StoredSession);
  }

  remove(place: StorePlace, owner: string): void {
    if (this.load(place)?.owner !== owner) return;
    const sessions = this.#tenants.get(place.tenantId);
    sessions?.delete(place.session);
    if (sessions?.size === 0) this.#tenants.delete(place.tenantId);
  }

  #sweep(): void {
    for (const [tenantId, sessions] of this.#tenants) {
      for (const [session, text] of sessions) {
        const { expiresAt = Infinity } = JSON.parse(text) as StoredSession;
        if (expiresAt <= Date.now()) sessions.delete(session);
      }
      if (sessions.size === 0) this.#tenants.delete(tenantId);
    }
  }
}

/** The last moment a `Date` can name, in milliseconds since the epoch. */
const LATEST = 8.64e15;

/** Whether what a store gave back is a session that can be gone on with. */
export function isStoredSession(value: unknown): value is StoredSession {
  if (!isPlainObject(value) || typeof value['subject'] !== 'string') return false;
  const { createdAt, expiresAt, conversation } = value;
  if (!isMoment(createdAt) || !(expiresAt === undefined || isMoment(expiresAt))) return false;
  return isPlainObject(conversation) && isRecord(conversation);
}

function isMoment(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= LATEST;
}

function isRecord({
  initialize,
  protocolVersion,
  capabilities,
  server,
  subscriptions,
  initialized,
  logLevel,
}: Record<string, unknown>): boolean {
  return (
    isPlainObject(initialize) &&
    isPlainObject(capabilities) &&
    isPlainObject(server) &&
    typeof server['name'] === 'string' &&
    typeof server['version'] === 'string' &&
    typeof initialized === 'boolean' &&
    (logLevel === undefined || typeof logLevel === 'string') &&
    Array.isArray(subscriptions) &&
    subscriptions.every((uri) => typeof uri === 'string') &&
    SESSION_VERSIONS.includes(String(protocolVersion))
  );
}
