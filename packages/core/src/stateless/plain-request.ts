import { STATELESS_VERSION } from '../shared/protocol-versions.js';
import type { EdgeHeaders } from '../shared/edge.js';
import { isId } from '../shared/classify-message.js';
import type { JsonRpcParams, JsonRpcRequest } from '../shared/json-rpc.js';
import { LOG_LEVELS } from '../shared/log-levels.js';
import { isPlainObject } from '../shared/values.js';
import { ENVELOPE } from './envelope.js';

/** What a method's params may hold besides `_meta`, and what the `Mcp-Name` header repeats of them. */
interface PlainMethod {
  readonly capability: string | undefined;
  readonly name?: string;
  readonly fits: (params: JsonRpcParams, count: number) => boolean;
}

const noParams = (_params: JsonRpcParams, count: number): boolean => count === 0;
const onlyCursor = ({ cursor }: JsonRpcParams, count: number): boolean =>
  count === 0 || (count === 1 && typeof cursor === 'string');

const METHODS: Readonly<Record<string, PlainMethod>> = {
  'tools/call': {
    capability: 'tools',
    name: 'name',
    fits: ({ arguments: given }, count) => count === 1 || (count === 2 && isPlainObject(given)),
  },
  'tools/list': { capability: 'tools', fits: onlyCursor },
  'prompts/get': {
    capability: 'prompts',
    name: 'name',
    fits: ({ arguments: given }, count) => count === 1 || (count === 2 && holdsTexts(given)),
  },
  'prompts/list': { capability: 'prompts', fits: onlyCursor },
  'resources/read': { capability: 'resources', name: 'uri', fits: (_params, count) => count === 1 },
  'resources/list': { capability: 'resources', fits: onlyCursor },
  'resources/templates/list': { capability: 'resources', fits: onlyCursor },
  'server/discover': { capability: undefined, fits: noParams },
};

/** What `_meta` may hold besides its three obligatory keys without anybody having to look at it more closely. */
const OTHER_META: Readonly<Record<string, (value: unknown) => boolean>> = {
  progressToken: isId,
  traceparent: (value) => typeof value === 'string',
  tracestate: (value) => typeof value === 'string',
  baggage: (value) => typeof value === 'string',
  [ENVELOPE.logLevel]: (value) => LOG_LEVELS.includes(value),
};

/** A request that a kept server can be given without asking anybody else. */
export interface PlainRequest {
  readonly request: JsonRpcRequest & { readonly params: JsonRpcParams };
  /** The capability its server must have told of; undefined for none. */
  readonly capability: string | undefined;
  readonly clientInfo: unknown;
  readonly capabilities: unknown;
}

/**
 * Takes only what is plainly valid: known keys, headers that repeat the body exactly. Undefined for everything else, which is
 * not to say that it is wrong: the SDK's own handler decides that, and words the error.
 */
export function readPlainRequest(headers: EdgeHeaders, body: unknown): PlainRequest | undefined {
  if (!isPlainObject(body) || Object.keys(body).length !== 4) return undefined;
  const { jsonrpc, id, method, params } = body;
  if (jsonrpc !== '2.0' || !isId(id) || typeof method !== 'string' || !isPlainObject(params))
    return undefined;
  const known = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (known === undefined) return undefined;
  const meta = params['_meta'];
  if (!isPlainObject(meta) || !known.fits(params, Object.keys(params).length - 1) || !isPlainMeta(meta))
    return undefined;
  if (headers.get('mcp-protocol-version') !== STATELESS_VERSION || headers.get('mcp-method') !== method)
    return undefined;
  if (
    !hasPlainName(headers.get('mcp-name'), known.name === undefined ? undefined : params[known.name], known)
  )
    return undefined;
  return {
    request: { jsonrpc, id, method, params },
    capability: known.capability,
    clientInfo: meta[ENVELOPE.clientInfo],
    capabilities: meta[ENVELOPE.capabilities],
  };
}

function isPlainMeta(meta: JsonRpcParams): boolean {
  if (meta[ENVELOPE.version] !== STATELESS_VERSION) return false;
  if (!isPlainObject(meta[ENVELOPE.clientInfo]) || !isPlainObject(meta[ENVELOPE.capabilities])) return false;
  for (const key of Object.keys(meta)) {
    if (key === ENVELOPE.version || key === ENVELOPE.clientInfo || key === ENVELOPE.capabilities) continue;
    const isFine = Object.hasOwn(OTHER_META, key) ? OTHER_META[key] : undefined;
    if (isFine?.(meta[key]) !== true) return false;
  }
  return true;
}

/** Names that need an encoding in a header, or look like one, are for others to compare. */
function hasPlainName(header: string | null, name: unknown, { name: field }: PlainMethod): boolean {
  if (field === undefined) return header === null;
  return typeof name === 'string' && header === name && /^[\x21-\x7e]+$/.test(name) && !name.startsWith('=?');
}

function holdsTexts(given: unknown): boolean {
  return isPlainObject(given) && Object.values(given).every((value) => typeof value === 'string');
}
