import { URIS } from '../servers/contents.js';
import { headerValue, META, VERSION, type Draft } from './draft.js';
import { pickIdentity } from './identities.js';
import type { JsonObject } from './json.js';
import type { Random } from './random.js';

/** What a valid request asks for. */
interface Wish {
  readonly method: string;
  readonly params?: JsonObject;
  /** What the Mcp-Name header says. */
  readonly name?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const call = (name: string, given?: JsonObject, headers?: Wish['headers']): Wish => ({
  method: 'tools/call',
  name,
  params: { name, ...(given === undefined ? {} : { arguments: given }) },
  ...(headers === undefined ? {} : { headers }),
});

const prompt = (name: string, given?: JsonObject): Wish => ({
  method: 'prompts/get',
  name,
  params: { name, ...(given === undefined ? {} : { arguments: given }) },
});

const read = (uri: string): Wish => ({ method: 'resources/read', name: uri, params: { uri } });

const complete = (ref: JsonObject, name: string, value: string): Wish => ({
  method: 'completion/complete',
  params: { ref, argument: { name, value } },
});

/** Valid requests by a name, each a little different every time. */
export const WISHES: Readonly<Record<string, (random: Random) => Wish>> = {
  hello: () => call('hello', {}),
  helloWithoutArguments: () => call('hello'),
  add: (random) => call('add', { a: random.below(10), b: 2 }),
  addOne: () => call('add', { a: 1, label: 'one' }),
  measure: (random) => call('measure', { value: 1.5, wrong: random.chance(0.3) }),
  regional: () => call('regional', { region: 'eu' }, { 'mcp-param-region': 'eu' }),
  regionalWithAll: () =>
    call(
      'regional',
      { region: 'grün', count: 7, strict: true },
      {
        'mcp-param-region': headerValue('grün'),
        'mcp-param-count': '7',
        'mcp-param-strict': 'true',
      },
    ),
  regionalInside: () =>
    call(
      'regional',
      { region: 'eu', place: { zone: 'a' } },
      { 'mcp-param-region': 'eu', 'mcp-param-zone': 'a' },
    ),
  fail: () => call('fail'),
  refuse: () => call('refuse'),
  steps: (random) => call('steps', { count: random.below(4) }),
  tell: () => call('tell', {}),
  who: () => call('who', {}),
  whoAgain: () => call('who'),
  meta: () => call('meta'),
  probe: () => call('probe', {}, { 'x-probe': 'here' }),
  guarded: () => call('guarded'),
  ask: () => call('ask'),
  unknownTool: () => call('missing', {}),
  odd: () => call('odd', { a: 1 }),
  echo: () => call('echo', { a: [1, { b: null }] }),
  typed: () => call('typed'),
  code: (random) =>
    call('code', {
      code: random.pick([
        -32602, -32603, -32601, -32600, -32700, -32002, -32020, -32021, -32022, -32042, -32050, 7,
      ]),
    }),
  throw: () => call('throw'),
  tools: () => ({ method: 'tools/list' }),
  toolsWithParams: () => ({ method: 'tools/list', params: {} }),
  prompts: () => ({ method: 'prompts/list' }),
  greet: () => prompt('greet'),
  greetings: () => prompt('grüße'),
  translate: () => prompt('translate', { text: 'good morning', to: 'german' }),
  brokenPrompt: () => prompt('broken'),
  resources: () => ({ method: 'resources/list' }),
  templates: () => ({ method: 'resources/templates/list' }),
  read: (random) => read(random.pick(URIS)),
  readPage: (random) => read(`memo://page/${String(random.below(3))}`),
  readGuarded: () => read('memo://guarded'),
  readMissing: () => read('memo://missing'),
  completeArgument: () => complete({ type: 'ref/prompt', name: 'translate' }, 'to', 'g'),
  completeVariable: () => complete({ type: 'ref/resource', uri: 'memo://page/{id}' }, 'id', 'p'),
  discover: () => ({ method: 'server/discover' }),
  listen: (random) => ({
    method: 'subscriptions/listen',
    params: {
      notifications: {
        toolsListChanged: true,
        promptsListChanged: random.chance(0.5),
        resourceSubscriptions: ['memo://static'],
      },
    },
  }),
  custom: () => ({ method: 'acme/echo', params: { text: 'back' } }),
  removed: (random) => ({
    method: random.pick([
      'ping',
      'logging/setLevel',
      'resources/subscribe',
      'resources/unsubscribe',
      'initialize',
    ]),
  }),
  unknownMethod: () => ({ method: 'acme/unknown' }),
};

/** A valid request that nobody has spoilt yet. */
export function draftOf(wish: Wish, random: Random): Draft {
  const { caller, client, capabilities } = pickIdentity(random);
  const _meta: JsonObject = {
    [META.version]: VERSION,
    ...(client === undefined ? {} : { [META.client]: client }),
    [META.capabilities]: capabilities,
  };
  return {
    caller,
    headers: new Map([
      ['accept', 'application/json, text/event-stream'],
      ['content-type', 'application/json'],
      ['mcp-protocol-version', VERSION],
      ['mcp-method', wish.method],
      ...(wish.name === undefined ? [] : ([['mcp-name', headerValue(wish.name)]] as const)),
      ...Object.entries(wish.headers ?? {}),
    ]),
    message: {
      jsonrpc: '2.0',
      id: random.below(1000),
      method: wish.method,
      params: { ...wish.params, _meta },
    },
  };
}
