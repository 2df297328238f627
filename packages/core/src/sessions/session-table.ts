import type { Usage } from '../limits/usage.js';
import type { TenantLimits } from '../limits/limits.js';
import type { Answer } from '../shared/edge.js';
import type { Principal } from '../shared/model.js';
import type { Admission, Counted } from '../limits/admission.js';
import type { Session } from './session.js';
import type { SessionStreams } from './streams/session-streams.js';

/** What a table of sessions is made with. */
export interface SessionTableParts {
  readonly admission: Admission;
  readonly limits: () => TenantLimits;
}

/** Which sessions a tenant has, what they have in use, and whether there may be more of it. */
export class SessionTable {
  readonly #sessions = new Map<string, Session>();
  readonly #parts: SessionTableParts;
  readonly #admission: Admission;

  constructor(parts: SessionTableParts) {
    this.#parts = parts;
    this.#admission = parts.admission;
  }

  get size(): number {
    return this.#sessions.size;
  }

  values(): Iterable<Session> {
    return this.#sessions.values();
  }

  get(sessionId: string): Session | undefined {
    return this.#sessions.get(sessionId);
  }

  /** Not true of a session in which a server is tried out: it has the id of the one it is for. */
  has(session: Session): boolean {
    return this.#sessions.get(session.id) === session;
  }

  /**
   * Counts one more session of a caller, in the place of its longest unused one if it has as many as it may have.
   *
   * @throws `too_many_sessions`, `server_full`, `initialize_rate_exceeded`
   */
  admit(principal: Principal): Usage {
    const usage = this.#admission.usage(principal);
    const isFull = usage.sessions >= this.#parts.limits().sessions;
    const evicted = isFull ? this.#longestUnused(usage) : undefined;
    this.#admission.admitSession(usage, evicted === undefined ? 0 : 1);
    evicted?.end('evicted');
    return usage;
  }

  /** Takes back what `admit` has counted: there is no session after all. */
  release(usage: Usage): void {
    this.#admission.count(usage, 'sessions', -1);
  }

  /** The answer to calls of which there would be too many. */
  refuseCalls(principal: Principal, calls: number): Answer | undefined {
    return this.#admission.refuseCalls(this.#admission.usage(principal), calls);
  }

  /** @throws `too_many_streams`, `server_full` */
  admitStream(principal: Principal, session: Session, lastEventId: string | null): void {
    const isFull = session.streamCount >= this.#parts.limits().streamsPerSession;
    const replacesOne = isFull || session.openStreams?.takesPlace(lastEventId) === true;
    this.#admission.admitStream(this.#admission.usage(principal), replacesOne);
  }

  /** @param usage what `admit` has given for it */
  add(session: Session, usage: Usage): void {
    this.#sessions.set(session.id, session);
    session.usage = usage;
  }

  /** Takes a session out; false when it was not there. */
  delete(session: Session): boolean {
    if (!this.has(session)) return false;
    this.#sessions.delete(session.id);
    this.count(session, 'sessions', -1);
    return true;
  }

  /** Counts more, or less. A session that is still being opened counts against nothing but the tenant as a whole. */
  count(session: Session, what: Exclude<Counted, 'queuedBytes'>, change: number): void {
    this.#admission.count(session.usage, what, change);
  }

  /** Counts a call that has no session yet, until the function that is returned is called. */
  countCall(principal: Principal): () => void {
    const usage = this.#admission.usage(principal);
    this.#admission.count(usage, 'calls', 1);
    return () => {
      this.#admission.count(usage, 'calls', -1);
    };
  }

  /** Counts bytes that wait for a reader, or no longer do; false, and nothing is counted, when they are too many. */
  queue(session: Session, bytes: number): boolean {
    return this.#admission.queue(session.usage, bytes);
  }

  /** Ends a session to make room for another tenant; false when there is none that could end. */
  evict(): boolean {
    const evicted = this.#longestUnused();
    evicted?.end('evicted');
    return evicted !== undefined;
  }

  /** The same with a stream. */
  endOldestStream(): boolean {
    for (const { openStreams } of this.#sessions.values()) if (openStreams?.endOldest() === true) return true;
    return false;
  }

  /** The same with what waits for the client that reads most slowly. */
  cutSlowestStream(): boolean {
    let slowest: SessionStreams | undefined;
    for (const { openStreams } of this.#sessions.values()) {
      if ((openStreams?.mostWaitingBytes ?? 0) > (slowest?.mostWaitingBytes ?? 0)) slowest = openStreams;
    }
    slowest?.cutSlowest();
    return slowest !== undefined;
  }

  /** Of the sessions in which nothing is going on, the one that was used longest ago. */
  #longestUnused(usage?: Usage): Session | undefined {
    let oldest: Session | undefined;
    for (const session of this.#sessions.values()) {
      if (!session.quiet || (usage !== undefined && session.usage !== usage)) continue;
      if (oldest === undefined || session.lastUsedAt < oldest.lastUsedAt) oldest = session;
    }
    return oldest;
  }
}
