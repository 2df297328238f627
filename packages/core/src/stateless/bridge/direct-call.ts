import type { JsonRpcParams, JsonRpcRequest } from '../../shared/json-rpc.js';
import { isPlainObject, joined } from '../../shared/values.js';
import { ENVELOPE, SERVER_INFO_KEY } from '../envelope.js';
import type { ServerDescription } from '../instances/mark-server.js';
import type { RoundAnswer } from './round.js';

const ENVELOPE_KEYS: ReadonlySet<string> = new Set(Object.values(ENVELOPE));

/** Whether a request that nothing is wrong with can go to a server that only knows sessions without its front seeing it first. */
export function isDirect({ method, params }: JsonRpcRequest): boolean {
  return (
    method === 'tools/call' &&
    params?.['inputResponses'] === undefined &&
    params?.['requestState'] === undefined
  );
}

/** The params of a plain call as a server that only knows sessions gets them: without what describes the request. */
export function directParams(params: JsonRpcParams | undefined): JsonRpcParams {
  const { name, arguments: given, _meta: meta } = params ?? {};
  const own: JsonRpcParams = given === undefined ? { name } : { name, arguments: given };
  if (!isPlainObject(meta)) return own;
  let kept: Record<string, unknown> | undefined;
  for (const key of Object.keys(meta)) {
    if (ENVELOPE_KEYS.has(key)) continue;
    kept ??= {};
    kept[key] = meta[key];
  }
  if (kept !== undefined) own['_meta'] = kept;
  return own;
}

/**
 * The result of a tool as this era has it, where it is plain what that is: text, with or without structured content. Undefined for
 * everything else, which the SDK is to look at: it only accepts.
 */
export function directResult(
  answer: RoundAnswer,
  { server }: ServerDescription,
): Record<string, unknown> | undefined {
  if (!('result' in answer)) return undefined;
  const { result } = answer;
  let meta: Record<string, unknown> | undefined;
  for (const key of Object.keys(result)) {
    const value = result[key];
    if (key === '_meta' && isOwnMeta(value)) meta = value;
    else if (!isPlain(key, value)) return undefined;
  }
  if (!('content' in result)) return undefined;
  const info = { [SERVER_INFO_KEY]: server };
  return joined(result, { resultType: 'complete', _meta: meta === undefined ? info : joined(meta, info) });
}

/** Whether a server has said something of its own there; `__proto__` would not be joined as a key. */
function isOwnMeta(value: unknown): value is Record<string, unknown> {
  return isPlainObject(value) && !(SERVER_INFO_KEY in value) && !Object.hasOwn(value, '__proto__');
}

function isPlain(key: string, value: unknown): boolean {
  if (key === 'content') return Array.isArray(value) && value.every(isText);
  if (key === 'isError') return typeof value === 'boolean';
  return key === 'structuredContent' && isPlainObject(value);
}

function isText(block: unknown): boolean {
  if (!isPlainObject(block) || block['type'] !== 'text' || typeof block['text'] !== 'string') return false;
  return Object.keys(block).length === 2;
}
