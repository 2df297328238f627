import type { JsonRpcMessage } from '../shared/json-rpc.js';

/** What came in one POST of the stateless era: parsed, and looked at by nobody yet. */
export interface StatelessBody {
  readonly body: unknown;
}

/** What came in one POST. */
export interface IncomingMessages {
  readonly messages: readonly JsonRpcMessage[];
  /** Whether they came as an array. */
  readonly batch: boolean;
  /** Those of the calls that their client has cancelled already. */
  readonly cancelled?: ReadonlySet<JsonRpcMessage>;
}
