import type { JsonRpcResponse } from '../shared/json-rpc.js';
import type { SessionEndReason } from '../shared/model.js';
import type { CallOutcome } from './call-hooks.js';

/** How a call ended. */
export type CallEnd =
  | { readonly how: 'answered' | 'timedOut'; readonly response: JsonRpcResponse }
  | { readonly how: 'cancelled' }
  | { readonly how: 'ended'; readonly reason: SessionEndReason };

/** Who answered a call, and when it began. */
export interface EndedCall {
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly answeredBy: 'server' | 'hook';
}

/** How a call ended, as hooks are told. */
export function outcomeOf(call: EndedCall, end: CallEnd, now: number): CallOutcome {
  const durationMs = now - call.startedAt;
  if (end.how === 'ended') return { status: 'ended', reason: end.reason, durationMs };
  if (end.how !== 'answered') return { status: end.how, durationMs };
  const { response } = end;
  const by = call.answeredBy;
  return 'result' in response
    ? { status: 'answered', result: response.result, by, durationMs }
    : { status: 'failed', error: response.error, by, durationMs };
}
