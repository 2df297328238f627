import { isPlainObject } from './values.js';

/** A JSON-RPC id as MCP allows it: a string or a safe integer (MCP base protocol, "Requests"). */
export type JsonRpcId = string | number;

/** The plain-object parameters that MCP puts on requests and notifications. */
export type JsonRpcParams = Record<string, unknown>;

/** A message that expects an answer. */
export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId;
  readonly method: string;
  readonly params?: JsonRpcParams;
}

/** A message that expects none. */
export interface JsonRpcNotification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: JsonRpcParams;
}

/** A successful answer. */
interface JsonRpcResult {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId;
  readonly result: Record<string, unknown>;
}

/** A failed answer; `id` is null only when the request's own id could not be read. */
interface JsonRpcError {
  readonly jsonrpc: '2.0';
  readonly id: JsonRpcId | null;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** An answer to a request that was sent with an id. */
export type JsonRpcResponse = JsonRpcResult | (JsonRpcError & { readonly id: JsonRpcId });

/** Any message of a session. */
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse;

/** Whether a message expects an answer. */
export function isRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return 'method' in message && 'id' in message;
}

/** Whether a message is a notification. */
export function isNotification(message: JsonRpcMessage): message is JsonRpcNotification {
  return 'method' in message && !('id' in message);
}

/** Whether a message answers an earlier request. */
export function isResponse(message: JsonRpcMessage): message is JsonRpcResponse {
  return !('method' in message);
}

/** The id to answer something with that may be a request; null where it has none that could be read. */
export function idOf(body: unknown): JsonRpcId | null {
  if (typeof body !== 'object' || body === null || !('method' in body) || !('id' in body)) return null;
  const { id } = body;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** The `_meta` of what may be a request; empty where there is none. */
export function metaOf(body: unknown): Readonly<Record<string, unknown>> {
  const params = isPlainObject(body) ? body['params'] : undefined;
  const meta = isPlainObject(params) ? params['_meta'] : undefined;
  return isPlainObject(meta) ? meta : {};
}

/** The same request under another id. */
export function requestWithId({ method, params }: JsonRpcRequest, id: JsonRpcId): JsonRpcRequest {
  return params === undefined ? { jsonrpc: '2.0', id, method } : { jsonrpc: '2.0', id, method, params };
}

/** The same answer under another id. */
export function responseWithId(response: JsonRpcResponse, id: JsonRpcId): JsonRpcResponse {
  return 'result' in response
    ? { jsonrpc: '2.0', id, result: response.result }
    : { jsonrpc: '2.0', id, error: response.error };
}
