import { coreError } from '../errors/core-error.js';
import { checkChoice, checkNames } from '../shared/check-options.js';

/** How sessions live. */
export interface SessionOptions {
  /** Milliseconds without a call or an open stream after which a session ends. @default 1800000 (30 min) */
  readonly idleMs?: number;
  /** Milliseconds after which a session ends in any case. @default Infinity */
  readonly lifetimeMs?: number;
  /** Milliseconds after which the answer of a call becomes an event stream. @default 5000 */
  readonly upgradeAfterMs?: number;
  /** Milliseconds between the comments that keep a quiet stream alive. @default 15000 */
  readonly keepAliveMs?: number;
  /**
   * Whether a client that lost a stream can come back for what it has missed. Then what is said in streams is kept for a
   * while; see `stores.events`. @default true
   */
  readonly resumable?: boolean;
  /** Milliseconds after which a client that lost a stream is asked to come back. @default 1000 */
  readonly retryMs?: number;
}

const DEFAULT_SESSIONS: Required<SessionOptions> = {
  idleMs: 1_800_000,
  lifetimeMs: Infinity,
  upgradeAfterMs: 5000,
  keepAliveMs: 15_000,
  resumable: true,
  retryMs: 1000,
};

/** @throws `invalid_option` for an unknown name or a value it cannot have */
export function resolveSessions(given: SessionOptions = {}): Readonly<Required<SessionOptions>> {
  checkNames('sessions.', given, Object.keys(DEFAULT_SESSIONS));
  const entries = Object.entries(DEFAULT_SESSIONS).map(([name, fallback]) => {
    const value: unknown = given[name as keyof SessionOptions] ?? fallback;
    if (name === 'resumable') checkChoice('sessions.resumable', value, [true, false]);
    else if (typeof value !== 'number' || !(value > 0)) {
      throw coreError('invalid_option', `sessions.${name} must be a number of milliseconds above 0.`);
    } else if (name === 'retryMs' && !Number.isSafeInteger(value)) {
      throw coreError('invalid_option', 'sessions.retryMs must be a whole number of milliseconds.');
    }
    return [name, value];
  });
  return Object.freeze(Object.fromEntries(entries) as Required<SessionOptions>);
}
