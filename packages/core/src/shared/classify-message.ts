import type { JsonRpcId, JsonRpcMessage, JsonRpcParams } from './json-rpc.js';
import { isForged, withoutForged } from './handler-meta.js';
import { isPlainObject } from './values.js';

const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/**
 * Turns parsed JSON into a message built from known keys only, or says what is wrong with it.
 *
 * It is at least as strict as both SDKs' own guards: a message they would drop without an answer (array params,
 * a fractional id, an object as progress token) is refused here, so no request waits for ever.
 */
export function classifyMessage(value: unknown): JsonRpcMessage | string {
  if (!isPlainObject(value)) return 'a message must be a JSON object';
  if (value['jsonrpc'] !== '2.0') return '"jsonrpc" must be "2.0"';
  if ('method' in value) return classifyCall(value);
  return classifyAnswer(value);
}

function classifyCall(value: Record<string, unknown>): JsonRpcMessage | string {
  const { id, method, params } = value;
  if (typeof method !== 'string' || method === '') return '"method" must be a non-empty string';
  const wrongParams = checkParams(params);
  if (wrongParams !== undefined) return wrongParams;
  const isRequest = 'id' in value;
  if (isRequest && !isId(id)) return '"id" must be a string or a safe integer';
  if (params === undefined)
    return isRequest ? { jsonrpc: '2.0', id: id as JsonRpcId, method } : { jsonrpc: '2.0', method };
  const own = unforged(params as JsonRpcParams);
  return isRequest
    ? { jsonrpc: '2.0', id: id as JsonRpcId, method, params: own }
    : { jsonrpc: '2.0', method, params: own };
}

/** What only we may tell a handler no client does. */
function unforged(params: JsonRpcParams): JsonRpcParams {
  const meta = params['_meta'];
  return isPlainObject(meta) && isForged(meta) ? { ...params, _meta: withoutForged(meta) } : params;
}

function classifyAnswer(value: Record<string, unknown>): JsonRpcMessage | string {
  const { id, result, error } = value;
  if (!isId(id)) return '"id" must be a string or a safe integer';
  if (isPlainObject(result) && error === undefined) return { jsonrpc: '2.0', id, result };
  if (!isPlainObject(error) || result !== undefined)
    return 'a message needs a "method", a "result" or an "error"';
  const { code, message, data } = error;
  if (!Number.isSafeInteger(code)) return '"error.code" must be an integer';
  if (typeof message !== 'string') return '"error.message" must be a string';
  const detail = data === undefined ? {} : { data };
  return { jsonrpc: '2.0', id, error: { code: code as number, message, ...detail } };
}

function checkParams(params: unknown): string | undefined {
  if (params === undefined) return undefined;
  if (!isPlainObject(params)) return '"params" must be an object';
  const meta = params['_meta'];
  if (meta === undefined) return undefined;
  if (!isPlainObject(meta)) return '"params._meta" must be an object';
  const progressToken = meta['progressToken'];
  if (progressToken !== undefined && !isId(progressToken)) {
    return '"params._meta.progressToken" must be a string or a safe integer';
  }
  const task = meta[RELATED_TASK];
  if (task !== undefined && !(isPlainObject(task) && typeof task['taskId'] === 'string')) {
    return `"params._meta.${RELATED_TASK}" must hold a "taskId" string`;
  }
  return undefined;
}

/** Whether a value may be the id of a request. */
export function isId(value: unknown): value is JsonRpcId {
  return typeof value === 'string' || Number.isSafeInteger(value);
}
