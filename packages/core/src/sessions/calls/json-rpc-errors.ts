import { coreErrors } from '../../errors/core-errors.js';
import type { JsonRpcId, JsonRpcResponse } from '../../shared/json-rpc.js';

/** What both SDKs answer when a connection closes under a call. */
export function connectionClosed(id: JsonRpcId): JsonRpcResponse {
  const { jsonRpcCode, title } = coreErrors.connection_closed;
  return { jsonrpc: '2.0', id, error: { code: jsonRpcCode, message: title } };
}

/** What a caller gets whose call took longer than it may. */
export function callTimedOut(id: JsonRpcId): JsonRpcResponse {
  const { jsonRpcCode, title } = coreErrors.call_timeout;
  return { jsonrpc: '2.0', id, error: { code: jsonRpcCode, message: title } };
}

/** What a caller gets whose server failed without an answer. */
export function internalError(id: JsonRpcId): JsonRpcResponse {
  const { jsonRpcCode, title } = coreErrors.internal_error;
  return { jsonrpc: '2.0', id, error: { code: jsonRpcCode, message: title } };
}
