import type { JsonRpcMessage } from '../shared/json-rpc.js';

/** Thrown when somebody has to be asked once more who is calling, because access has changed while a request waited. */
export class AccessChanged extends Error {
  /** The calls of the request that their client has cancelled meanwhile. */
  readonly cancelled: ReadonlySet<JsonRpcMessage>;

  constructor(cancelled: ReadonlySet<JsonRpcMessage> = new Set()) {
    super('Access has changed.');
    this.cancelled = cancelled;
  }
}
