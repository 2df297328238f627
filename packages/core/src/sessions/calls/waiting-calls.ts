import type { JsonRpcRequest } from '../../shared/json-rpc.js';

/** Calls that wait for a server. */
export interface WaitingCalls {
  /** Those that their client has cancelled. */
  readonly cancelled: ReadonlySet<JsonRpcRequest>;
  /** They wait no longer. */
  readonly end: () => void;
}

interface Waiting {
  readonly calls: readonly JsonRpcRequest[];
  readonly cancelled: Set<JsonRpcRequest>;
}

/** The calls of a session that no server has been told of yet, because it has none. */
export class WaitingRoom {
  /** Made when the first one has to wait. */
  #waiting: Set<Waiting> | undefined;

  begin(calls: readonly JsonRpcRequest[], onEnd: () => void): WaitingCalls {
    const waiting = { calls, cancelled: new Set<JsonRpcRequest>() };
    this.#waiting ??= new Set();
    this.#waiting.add(waiting);
    return {
      cancelled: waiting.cancelled,
      end: () => {
        if (this.#waiting?.delete(waiting) === true) onEnd();
      },
    };
  }

  /** Cancels what waits under an id of the client's. */
  cancel(clientId: unknown): void {
    for (const { calls, cancelled } of this.#waiting ?? []) {
      for (const call of calls) if (call.id === clientId) cancelled.add(call);
    }
  }
}
