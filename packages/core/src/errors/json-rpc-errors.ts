import { isPlainObject } from '../shared/values.js';
import { coreErrors } from './core-errors.js';
import type { JsonRpcId, JsonRpcResponse } from '../shared/json-rpc.js';

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

/** What a server has answered, or an error in its place when its result is no object. */
export function soundResponse(response: JsonRpcResponse): JsonRpcResponse {
  const isSound = !('result' in response) || isPlainObject(response.result);
  return isSound ? response : internalError(response.id);
}

const INVALID_PARAMS = -32602;

/** What a caller gets who subscribes to more resources than a session may have. */
export function tooManySubscriptions(id: JsonRpcId): JsonRpcResponse {
  const message = 'The session has as many subscriptions as it may have. Unsubscribe from some first.';
  return { jsonrpc: '2.0', id, error: { code: INVALID_PARAMS, message } };
}
