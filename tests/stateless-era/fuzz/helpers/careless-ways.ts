import type { FuzzedRequest } from './draft.js';
import { META, VERSION } from './draft.js';
import { isObject, type JsonObject } from './json.js';
import { throughSdk, type Way } from './ways.js';
import { highLevelV2 } from '../servers/high-level-v2.js';

/** Rewrites the headers of a request, when its message is an object. */
type Rewrite = (headers: Map<string, string>, message: JsonObject) => void;

/** The SDK's handler behind something that rewrites requests before they are judged. */
function after(rewrite: Rewrite): () => Way {
  return () => {
    const way = throughSdk(highLevelV2);
    return { ...way, answer: (request) => way.answer(rewritten(request, rewrite)) };
  };
}

function rewritten(request: FuzzedRequest, rewrite: Rewrite): FuzzedRequest {
  let message: unknown;
  try {
    message = JSON.parse(request.body);
  } catch {
    return request;
  }
  if (!isObject(message)) return request;
  const headers = new Map(request.headers);
  rewrite(headers, message);
  return { ...request, headers: [...headers], body: JSON.stringify(message) };
}

const metaOf = (message: JsonObject): JsonObject => {
  const params = message['params'];
  const meta = isObject(params) ? params['_meta'] : undefined;
  return isObject(meta) ? meta : {};
};

/** Mistakes that an implementation of the stateless era might make, by what it does. */
export const CARELESS: Readonly<Record<string, () => Way>> = {
  'forgets the rule of the name header': after((headers, { params }) => {
    const name = isObject(params) ? (params['name'] ?? params['uri']) : undefined;
    if (typeof name === 'string' && /^[\x21-\x7e]+$/.test(name)) headers.set('mcp-name', name);
  }),
  'forgets the rule of the method header': after((headers, { method }) => {
    if (typeof method === 'string' && /^[\x21-\x7e]+$/.test(method)) headers.set('mcp-method', method);
  }),
  'takes the version from the body alone': after((headers, message) => {
    if (metaOf(message)[META.version] === VERSION) headers.set('mcp-protocol-version', VERSION);
  }),
  'forgets the headers of arguments': after((headers) => {
    for (const name of [...headers.keys()]) if (name.startsWith('mcp-param-')) headers.delete(name);
  }),
  'takes null for a client that says nothing of itself': after((_headers, message) => {
    const meta = metaOf(message);
    if (meta[META.client] === null) Reflect.deleteProperty(meta, META.client);
  }),
  'answers a client as it has answered another': after((_headers, message) => {
    const meta = metaOf(message);
    if (isObject(meta[META.client])) meta[META.client] = { name: 'one', version: '1.0.0' };
  }),
  'forgets answers to its questions': after((_headers, { params }) => {
    if (isObject(params)) Reflect.deleteProperty(params, 'inputResponses');
  }),
  'loses what is said during a call': after((_headers, message) => {
    Reflect.deleteProperty(metaOf(message), 'progressToken');
  }),
  'takes one caller for another': () => {
    const way = throughSdk(highLevelV2);
    return { ...way, answer: (request) => way.answer({ ...request, caller: 'admin' }) };
  },
  'takes ids of numbers for text': after((_headers, message) => {
    if (typeof message['id'] === 'number') message['id'] = String(message['id']);
  }),
};
