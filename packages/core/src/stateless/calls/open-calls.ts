import type { CallEnd } from '../../hooks/call-outcome.js';
import type { Hooks } from '../../hooks/hooks.js';
import type { Admission } from '../../limits/admission.js';
import { isId } from '../../shared/classify-message.js';
import type { Answer } from '../../shared/edge.js';
import { idOf, type JsonRpcRequest } from '../../shared/json-rpc.js';
import type { Principal, SessionEndReason } from '../../shared/model.js';
import { isPlainObject } from '../../shared/values.js';
import type { StatelessRequest, StatelessServices } from '../engine-parts.js';
import { StatelessCall, type StatelessCallParts } from './stateless-call.js';

/** What calls are opened with. */
export interface OpenCallsParts {
  readonly admission: Admission;
  readonly hooks: Hooks | undefined;
  readonly services: Pick<StatelessServices, 'clock' | 'heartbeat' | 'limits'>;
  readonly ended: (call: StatelessCall, end: CallEnd) => void;
  readonly failed: (thrown: unknown) => void;
  /** A client read too slowly, and was cut off. */
  readonly cut: () => void;
}

/** The calls of a tenant that are in flight without a session. */
export class OpenCalls {
  readonly #parts: OpenCallsParts;
  readonly #callParts: StatelessCallParts;
  readonly #calls = new Set<StatelessCall>();

  constructor(parts: OpenCallsParts) {
    const { admission, services, failed, cut } = parts;
    const { clock, heartbeat, limits } = services;
    this.#parts = parts;
    this.#callParts = {
      heartbeat,
      monotonic: () => clock.monotonic(),
      boundsOf: ({ usage }) => ({
        queuedBytes: limits.queuedBytes,
        onQueued: (bytes) => admission.queue(usage, bytes),
      }),
      observer: {
        over: (call, end) => {
          this.#over(call, end);
        },
        failed,
        cut,
      },
    };
  }

  get size(): number {
    return this.#calls.size;
  }

  /** A call, or the answer to one of which there would be too many: `too_many_calls`, `server_full`. */
  open({ body, caller, report }: StatelessRequest): StatelessCall | Answer {
    const { admission, hooks, failed } = this.#parts;
    const { principal } = caller;
    const usage = admission.usage(principal);
    const refused = admission.refuseCalls(usage, 1, idOf(body));
    if (refused !== undefined) return refused;
    const request = asRequest(body);
    const call = new StatelessCall(this.#callParts, { principal, usage, request, report });
    admission.count(usage, 'calls', 1);
    this.#calls.add(call);
    if (request !== undefined && hooks !== undefined)
      call.shaped = hooks.shape(request, { principal, era: 'stateless', onError: failed });
    return call;
  }

  /** Ends calls, with `answer` where nothing has been said yet. Returns whose the first of them was, if there was one. */
  endOf(
    which: (principal: Principal) => boolean,
    reason: SessionEndReason,
    answer: Answer | undefined,
  ): Principal | undefined {
    const ending = [...this.#calls].filter(({ principal }) => which(principal));
    for (const call of ending) call.end(reason, answer);
    return ending[0]?.principal;
  }

  /** Ends calls that began before a time, in monotonic milliseconds. */
  endBefore(time: number): void {
    for (const call of [...this.#calls]) if (call.startedAt <= time) call.timeOut();
  }

  #over(call: StatelessCall, end: CallEnd): void {
    const { admission, ended } = this.#parts;
    admission.count(call.usage, 'calls', -1);
    this.#calls.delete(call);
    if (!asksClient(end)) call.onUnasked?.();
    ended(call, end);
  }

  /** The call whose client reads most slowly, if one reads slowly. */
  slowest(): StatelessCall | undefined {
    let slowest: StatelessCall | undefined;
    for (const call of this.#calls) if (call.waitingBytes > (slowest?.waitingBytes ?? 0)) slowest = call;
    return slowest;
  }
}

/** Whether a client is asked for something, and will come back. */
function asksClient(end: CallEnd): boolean {
  return (
    end.how === 'answered' &&
    'result' in end.response &&
    end.response.result['resultType'] === 'input_required'
  );
}

/** What was sent, if it is a request as far as one can see. */
function asRequest(body: unknown): JsonRpcRequest | undefined {
  if (!isPlainObject(body)) return undefined;
  const { id, method, params } = body;
  if (!isId(id) || typeof method !== 'string') return undefined;
  return isPlainObject(params) ? { jsonrpc: '2.0', id, method, params } : { jsonrpc: '2.0', id, method };
}
