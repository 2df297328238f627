import { coreError } from '../errors/core-error.js';
import type { TenantLimits } from '../limits/limits.js';
import { retryAfter } from '../limits/retry-after.js';
import { Usage } from '../limits/usage.js';
import type { Principal } from '../shared/model.js';
import type { Clock } from '../shared/platform.js';

/** How many users may be kept in mind before those with nothing in use are forgotten. */
const REMEMBERED_USERS = 10_000;

const WHOLE_TENANT = '';

/** Counts what a tenant has in use, or each of its users where all users are one tenant, and says when it is enough. */
export class Admission {
  readonly #usages = new Map<string, Usage>();
  readonly #clock: Clock;
  readonly #perSubject: boolean;
  /** Sessions of all tenants together, those being opened included. */
  readonly #totals: { sessions: number };

  constructor(parts: { clock: Clock; totals: { sessions: number }; perSubject: boolean }) {
    this.#clock = parts.clock;
    this.#totals = parts.totals;
    this.#perSubject = parts.perSubject;
  }

  /** What counts against the caps of this caller. */
  usage(principal: Principal, limits: TenantLimits): Usage {
    const key = this.#perSubject ? principal.subject : WHOLE_TENANT;
    const known = this.#usages.get(key);
    if (known !== undefined) return known;
    if (this.#usages.size >= REMEMBERED_USERS) this.#forgetIdle();
    const usage = new Usage(limits.initializeBurst, this.#clock.monotonic());
    this.#usages.set(key, usage);
    return usage;
  }

  /**
   * Counts one more session, before it is opened, so that a burst cannot pass a cap.
   *
   * @param freed how many sessions of the same caller end when this one is admitted
   * @throws `too_many_sessions`, `server_full`, `initialize_rate_exceeded`
   */
  admitSession(
    usage: Usage,
    limits: TenantLimits,
    { totalSessions, freed }: { readonly totalSessions: number; readonly freed: number },
  ): void {
    if (usage.sessions - freed >= limits.sessions) {
      throw coreError(
        'too_many_sessions',
        `There are ${String(limits.sessions)} sessions, as many as may be. End one with DELETE, or raise limits.sessions.`,
        { headers: retryAfter() },
      );
    }
    if (this.#totals.sessions - freed >= totalSessions) {
      throw coreError('server_full', 'The server has as many sessions as it may have. Try again later.', {
        headers: retryAfter(),
      });
    }
    const waitMs = usage.bucket.take(
      this.#clock.monotonic(),
      limits.initializeBurst,
      limits.initializePerSecond,
    );
    if (waitMs > 0) {
      throw coreError(
        'initialize_rate_exceeded',
        'Sessions are being opened faster than allowed. Keep a session and use it again.',
        { headers: retryAfter(waitMs) },
      );
    }
    usage.sessions += 1;
    this.#totals.sessions += 1;
  }

  /** Takes a session out of the count again. */
  releaseSession(usage: Usage): void {
    usage.sessions -= 1;
    this.#totals.sessions -= 1;
  }

  #forgetIdle(): void {
    for (const [key, usage] of this.#usages) if (usage.idle) this.#usages.delete(key);
  }
}
