import type { CallOutcome } from '../../hooks/call-hooks.js';
import type { Call, CallEnd } from './call-table.js';

/** How a call ended, as hooks are told. */
export function outcomeOf(call: Call, end: CallEnd, now: number): CallOutcome {
  const durationMs = now - call.startedAt;
  if (end.how === 'ended') return { status: 'ended', reason: end.reason, durationMs };
  if (end.how !== 'answered') return { status: end.how, durationMs };
  const { response } = end;
  const by = call.answeredBy;
  return 'result' in response
    ? { status: 'answered', result: response.result, by, durationMs }
    : { status: 'failed', error: response.error, by, durationMs };
}
