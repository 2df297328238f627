import { callTimedOut } from '../errors/json-rpc-errors.js';
import type { Principal, SessionEndReason } from '../shared/model.js';
import { tellCancelled } from './calls/tell-cancelled.js';
import type { Session } from './session.js';
import type { SessionManagerParts } from './session-services.js';

/** What looking after a session goes by. */
export type SweepRules = Pick<SessionManagerParts, 'services' | 'limits' | 'parkAfterMs' | 'observer'>;

/** Does what is due in a session: ends it, ends calls that take too long, closes its server for a while, saves it. */
export function sweepSession(
  session: Session,
  { services, limits, parkAfterMs, observer }: SweepRules,
): void {
  const { clock, expiredAnswer, keeper } = services;
  const now = clock.monotonic();
  const over = overBecause(session, services, now);
  if (over !== undefined) {
    session.end(over, over === 'expired' ? expiredAnswer : undefined);
    return;
  }
  const wallClock = clock.now();
  const hasExpired = ({ expiresAt = Infinity }: Principal): boolean => expiresAt <= wallClock;
  if (session.calls.size > 0 || session.streamCount > 0)
    session.endUseOf(hasExpired, 'expired', expiredAnswer);
  const { callMs } = limits();
  if (callMs < Infinity) endCallsBefore(session, now - callMs);
  if (now - session.lastUsedAt >= parkAfterMs && session.park()) observer.parked(session);
  keeper?.saveIfUsed(session);
}

/** Answers calls that began before a time with an error, and lets their handlers know that nobody waits any more. */
function endCallsBefore({ calls }: Session, monotonicMs: number): void {
  for (const call of calls.startedBefore(monotonicMs)) {
    tellCancelled(call, 'The call took too long.');
    calls.settle(call, callTimedOut(call.id), 'timedOut');
  }
}

function overBecause(
  session: Session,
  { clock, idleMs, lifetimeMs }: SweepRules['services'],
  now: number,
): SessionEndReason | undefined {
  const { expiresAt } = session.principal;
  if (expiresAt !== undefined && expiresAt <= clock.now()) return 'expired';
  if (session.quiet && now - session.lastUsedAt >= idleMs) return 'idle';
  if (now - session.startedAt >= lifetimeMs) return 'lifetime';
  return now >= session.endsAt ? 'updated' : undefined;
}
