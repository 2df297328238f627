import { META, metaOf, paramsOf, type Draft } from '../helpers/draft.js';
import { rawJson, setOwn, type JsonObject } from '../helpers/json.js';
import type { Random } from '../helpers/random.js';
import type { Mutations } from './mutation.js';
import { ODD_KEYS, oddValue } from './values.js';

const REQUIRED = [META.version, META.client, META.capabilities] as const;
const CLIENTS: readonly unknown[] = [
  null,
  [],
  [null],
  'one',
  {},
  { name: 'one' },
  { version: '1' },
  { name: 1, version: '1' },
  { name: '', version: '' },
  { name: 'one', version: '1.0.0', icons: 'none' },
  { name: 'one', version: '1.0.0', icons: [{ src: 'https://example.com/a.png' }] },
  { name: 'one', version: '1.0.0', title: null },
  { name: 'one', version: '1.0.0', extra: { deep: [1] } },
  { version: '1.0.0', name: 'one' },
  { name: 'o'.repeat(3000), version: '1' },
  JSON.parse('{"name":"one","version":"1.0.0","__proto__":{"title":"x"}}'),
];
const CAPABILITIES: readonly unknown[] = [
  null,
  [],
  'all',
  { elicitation: null },
  { elicitation: [] },
  { elicitation: { form: true } },
  { elicitation: {}, sampling: {} },
  { sampling: {}, elicitation: {} },
  { roots: { listChanged: 'yes' } },
  { roots: { listChanged: true } },
  { sampling: { tools: {}, context: {} } },
  { experimental: { a: {} } },
  { experimental: { a: 1 } },
  { tasks: { list: {}, cancel: {} } },
  { unheardOf: { a: 1 } },
  { extensions: { 'io.modelcontextprotocol/tasks': {} } },
  { extensions: 1 },
  JSON.parse('{"__proto__":{"elicitation":{}}}'),
];
const TOKENS: readonly unknown[] = [
  'p',
  '',
  'x'.repeat(500),
  0,
  1,
  -1,
  1.5,
  null,
  true,
  [],
  {},
  rawJson('1e400'),
];
const VERSIONS = ['2025-11-25', '2099-01-01', '2026-07-29', '2026-7-28', ' 2026-07-28', '2026-07-28 ', ''];
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const setMeta = (draft: Draft, key: string, value: unknown): void => {
  const meta = metaOf(draft);
  if (meta !== undefined) setOwn(meta, key, value);
};

const add = (values: JsonObject) => (draft: Draft) => {
  for (const [key, value] of Object.entries(values)) setMeta(draft, key, value);
};

export const ENVELOPE_MUTATIONS: Mutations = {
  'a key of the envelope is missing': (draft, random) => {
    const meta = metaOf(draft);
    if (meta !== undefined) Reflect.deleteProperty(meta, random.pick(REQUIRED));
  },
  'a key of the envelope is odd': (draft, random) => {
    setMeta(draft, random.pick(REQUIRED), oddValue(random));
  },
  'another version in the envelope': (draft, random) => {
    setMeta(draft, META.version, random.pick(VERSIONS));
  },
  'another version in both places': (draft, random) => {
    const version = random.pick(VERSIONS);
    setMeta(draft, META.version, version);
    draft.headers.set('mcp-protocol-version', version);
  },
  'another client': (draft, random) => {
    setMeta(draft, META.client, structuredClone(random.pick(CLIENTS)));
  },
  'other capabilities': (draft, random) => {
    setMeta(draft, META.capabilities, structuredClone(random.pick(CAPABILITIES)));
  },
  'a progress token': (draft, random) => {
    setMeta(draft, 'progressToken', random.pick(TOKENS));
  },
  'a usual progress token': (draft, random) => {
    setMeta(draft, 'progressToken', random.pick(['p', 1, 'q']));
  },
  'a log level': (draft, random) => {
    setMeta(
      draft,
      META.logLevel,
      random.pick(['debug', 'info', 'warning', 'error', 'emergency', 'loud', 7, null, '']),
    );
  },
  'a trace': add({ traceparent: TRACE, tracestate: 'acme=1', baggage: 'user=1' }),
  'an odd trace': (draft, random) => {
    setMeta(draft, random.pick(['traceparent', 'tracestate', 'baggage']), oddValue(random));
  },
  'another key in _meta': (draft, random) => {
    const key = random.pick([
      ...ODD_KEYS,
      'acme/own',
      'io.modelcontextprotocol/other',
      'io.modelcontextprotocol/related-task',
      'io.modelcontextprotocol/subscriptionId',
      'io.modelcontextprotocol/serverInfo',
      'clientInfo',
      // What the bridge to SDK v1 says to handlers must come from nobody else.
      'io.github.tessera-mcp/inputResponses',
      'io.github.tessera-mcp/requestState',
      'io.github.tessera-mcp/key',
    ]);
    setMeta(draft, key, oddValue(random));
  },
  'a task in _meta': add({ 'io.modelcontextprotocol/related-task': { taskId: 't' } }),
  'keys of _meta in another order': (draft) => {
    const params = paramsOf(draft);
    const meta = metaOf(draft);
    if (params !== undefined && meta !== undefined)
      params['_meta'] = Object.fromEntries(Object.entries(meta).reverse());
  },
  '_meta is odd': (draft, random) => {
    const params = paramsOf(draft);
    if (params !== undefined) params['_meta'] = oddValue(random);
  },
  '_meta is missing': (draft: Draft, random: Random) => {
    const params = paramsOf(draft);
    if (params !== undefined) Reflect.deleteProperty(params, '_meta');
    if (random.chance(0.3)) draft.headers.delete('mcp-protocol-version');
  },
};
