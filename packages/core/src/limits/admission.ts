import { coreError } from '../errors/core-error.js';
import { refuse } from '../errors/to-answer.js';
import type { CoreErrorCode } from '../errors/core-errors.js';
import type { Limits, TenantLimits } from './limits.js';
import { retryAfter } from './retry-after.js';
import { SharedCap, type Share } from './shared-cap.js';
import { Usage } from './usage.js';
import type { Answer } from '../shared/edge.js';
import type { JsonRpcId } from '../shared/json-rpc.js';
import type { Principal } from '../shared/model.js';
import type { Clock } from '../shared/platform.js';

/** What is counted, for each user or tenant and for all together. */
export type Counted = 'sessions' | 'calls' | 'streams' | 'listens' | 'queuedBytes';

/** The caps that all tenants share. */
export type SharedCaps = Readonly<Record<Counted, SharedCap>>;

export function sharedCaps(limits: Limits, clock: Clock): SharedCaps {
  return {
    sessions: new SharedCap(limits.totalSessions, clock),
    calls: new SharedCap(limits.totalCalls, clock),
    streams: new SharedCap(limits.totalStreams, clock),
    listens: new SharedCap(limits.totalStreams, clock),
    queuedBytes: new SharedCap(limits.totalQueuedBytes, clock),
  };
}

/** What admitting takes. */
export interface AdmissionParts {
  readonly clock: Clock;
  readonly caps: SharedCaps;
  /** Whether caps are for each user of the tenant, because all users are one tenant. */
  readonly perSubject: boolean;
  readonly limits: () => TenantLimits;
  /** How the tenant gives way to others when it holds more than half of what all share. */
  readonly giveWay: Partial<Record<Counted, () => boolean>>;
}

/** How many users may be kept in mind before those with nothing in use are forgotten. */
const REMEMBERED_USERS = 10_000;

const WHOLE_TENANT = '';

/** Counts what a tenant has in use, or each of its users where all users are one tenant, and says when it is enough. */
export class Admission {
  readonly #usages = new Map<string, Usage>();
  readonly #parts: AdmissionParts;
  /** What the tenant holds of what all share. */
  readonly shares: Readonly<Record<Counted, Share>>;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    const shareOf = (what: Counted): Share => ({ held: 0, ...pick(parts.giveWay[what]) });
    this.shares = {
      sessions: shareOf('sessions'),
      calls: shareOf('calls'),
      streams: shareOf('streams'),
      listens: shareOf('listens'),
      queuedBytes: shareOf('queuedBytes'),
    };
  }

  /** What counts against the caps of this caller. */
  usage(principal: Principal): Usage {
    const key = this.#parts.perSubject ? principal.subject : WHOLE_TENANT;
    const known = this.#usages.get(key);
    if (known !== undefined) return known;
    if (this.#usages.size >= REMEMBERED_USERS) this.#forgetIdle();
    const usage = new Usage(this.#parts.limits().initializeBurst, this.#parts.clock.monotonic());
    this.#usages.set(key, usage);
    return usage;
  }

  /**
   * Counts one more session, before it is opened, so that a burst cannot pass a cap.
   *
   * @param freed how many sessions of the same caller end when this one is admitted
   * @throws `too_many_sessions`, `server_full`, `initialize_rate_exceeded`
   */
  admitSession(usage: Usage, freed: number): void {
    const { clock } = this.#parts;
    const { sessions, initializeBurst, initializePerSecond } = this.#parts.limits();
    if (usage.sessions - freed >= sessions) {
      throw tooMany(
        'too_many_sessions',
        `There are ${String(sessions)} sessions, as many as may be. End one with DELETE, or raise limits.sessions.`,
      );
    }
    const waitMs = usage.bucket.take(clock.monotonic(), initializeBurst, initializePerSecond);
    if (waitMs > 0) {
      throw tooMany(
        'initialize_rate_exceeded',
        'Sessions are being opened faster than allowed. Keep a session and use it again.',
        waitMs,
      );
    }
    // Last, because it can end somebody else's session.
    if (freed === 0) this.#admitShared('sessions', 1);
    this.count(usage, 'sessions', 1);
  }

  /**
   * The answer to calls of which there would be too many (`too_many_calls`, `server_full`); undefined when there may be so many
   * more. It makes no error object, because whoever has too many has very many.
   */
  refuseCalls(usage: Usage, calls: number, id: JsonRpcId | null = null): Answer | undefined {
    const { calls: most } = this.#parts.limits();
    if (usage.calls + calls > most) {
      return refuse(
        'too_many_calls',
        `At most ${String(most)} calls may be in flight. Wait for one, or raise limits.calls.`,
        { headers: retryAfter(), id },
      );
    }
    if (this.#parts.caps.calls.admits(this.shares.calls, calls)) return undefined;
    return refuse('server_full', fullOf('calls'), { headers: retryAfter(), id });
  }

  /**
   * @param replacesOne whether another stream of the same session ends when this one opens
   * @throws `too_many_streams`, `server_full`
   */
  admitStream(usage: Usage, replacesOne: boolean): void {
    if (replacesOne) return;
    const { streams: most } = this.#parts.limits();
    if (usage.streams >= most) {
      throw tooMany(
        'too_many_streams',
        `At most ${String(most)} streams may be open. End one, or raise limits.streams.`,
      );
    }
    this.#admitShared('streams', 1);
  }

  /** @throws `too_many_listens`, `server_full` */
  admitListen(usage: Usage): void {
    const { listens: most } = this.#parts.limits();
    if (usage.listens >= most) {
      throw tooMany(
        'too_many_listens',
        `At most ${String(most)} subscriptions may be open. End one, or raise limits.listens.`,
      );
    }
    this.#admitShared('listens', 1);
  }

  /** Counts bytes that wait for a reader, or no longer do; false, and nothing is counted, when they are too many. */
  queue(usage: Usage | undefined, bytes: number): boolean {
    const isTooMuch =
      bytes > 0 &&
      ((usage?.queuedBytes ?? 0) + bytes > this.#parts.limits().tenantQueuedBytes ||
        !this.#parts.caps.queuedBytes.admits(this.shares.queuedBytes, bytes));
    if (!isTooMuch) this.count(usage, 'queuedBytes', bytes);
    return !isTooMuch;
  }

  /** Counts more of something, or less by a negative number. Without a usage it counts for the tenant alone. */
  count(usage: Usage | undefined, what: Counted, change: number): void {
    this.#parts.caps[what].count(this.shares[what], change);
    if (usage !== undefined) usage[what] += change;
  }

  #admitShared(what: Counted, amount: number): void {
    if (this.#parts.caps[what].admits(this.shares[what], amount)) return;
    throw tooMany('server_full', fullOf(what));
  }

  #forgetIdle(): void {
    for (const [key, usage] of this.#usages) if (usage.idle) this.#usages.delete(key);
  }
}

function fullOf(what: Counted): string {
  return `The server has as many ${what} as it may have. Try again later.`;
}

function tooMany(code: CoreErrorCode, detail: string, waitMs?: number): Error {
  return coreError(code, detail, { headers: retryAfter(waitMs) });
}

function pick(giveWay: (() => boolean) | undefined): Pick<Share, 'giveWay'> {
  return giveWay === undefined ? {} : { giveWay };
}
