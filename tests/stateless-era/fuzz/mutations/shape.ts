import { messageOf, type Draft } from '../helpers/draft.js';
import { rawJson, toText } from '../helpers/json.js';
import type { Random } from '../helpers/random.js';
import type { Mutations } from './mutation.js';
import { ODD_KEYS, oddValue } from './values.js';

const IDS: readonly unknown[] = [
  0,
  -1,
  1.5,
  '',
  'id',
  '0',
  'constructor',
  '__proto__',
  'x'.repeat(2000),
  'grüße',
  null,
  true,
  [],
  {},
  rawJson('9007199254740991'),
  rawJson('9007199254740993'),
  rawJson('1e300'),
  rawJson('1e400'),
  rawJson('-0'),
  rawJson('1.0'),
];
const METHODS = [
  'ping',
  'initialize',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/get',
  'tasks/list',
  'tasks/cancel',
  'tasks/result',
  'roots/list',
  'sampling/createMessage',
  'elicitation/create',
  'tools/List',
  'tools/call ',
  'tools',
  'server/discover',
  'subscriptions/listen',
  'subscriptions/unlisten',
  'notifications/initialized',
  'notifications/cancelled',
  'rpc.discover',
  'acme/echo',
  'toString',
  '__proto__',
  '',
];

const change = (draft: Draft, key: string, value: unknown): void => {
  const message = messageOf(draft);
  if (message !== undefined) message[key] = value;
};

const rewriteText = (draft: Draft, rewrite: (text: string) => string): void => {
  draft.text = rewrite(draft.text ?? toText(draft.message));
};

/** Turns a request into a notification; one of those names that clients use, or the request's own. */
function toNotification(draft: Draft, random: Random): void {
  const message = messageOf(draft);
  if (message === undefined) return;
  delete message['id'];
  if (random.chance(0.3)) return;
  const method = random.pick([
    'notifications/cancelled',
    'notifications/initialized',
    'notifications/acme',
    'x',
  ]);
  message['method'] = method;
  if (random.chance(0.8)) draft.headers.set('mcp-method', method);
}

export const SHAPE_MUTATIONS: Mutations = {
  'another id': (draft, random) => {
    change(draft, 'id', random.pick(IDS));
  },
  'a usual id': (draft, random) => {
    change(draft, 'id', random.pick([1, '1', 'a']));
  },
  'no id': (draft) => {
    const message = messageOf(draft);
    if (message !== undefined) delete message['id'];
  },
  'a notification': toNotification,
  'another method in the body': (draft, random) => {
    change(draft, 'method', random.pick(METHODS));
  },
  'another method in both places': (draft, random) => {
    const method = random.pick(METHODS);
    change(draft, 'method', method);
    draft.headers.set('mcp-method', method);
  },
  'the method is odd': (draft, random) => {
    change(draft, 'method', oddValue(random));
  },
  'no method': (draft) => {
    const message = messageOf(draft);
    if (message !== undefined) delete message['method'];
  },
  'another JSON-RPC version': (draft, random) => {
    change(draft, 'jsonrpc', random.pick(['1.0', '2', 2, null, '', '2.0 ']));
  },
  'no JSON-RPC version': (draft) => {
    const message = messageOf(draft);
    if (message !== undefined) delete message['jsonrpc'];
  },
  'an unknown key beside the method': (draft, random) => {
    change(draft, random.pick([...ODD_KEYS.filter((key) => key !== '__proto__'), 'extra']), oddValue(random));
  },
  'a result beside the method': (draft, random) => {
    change(
      draft,
      random.pick(['result', 'error']),
      random.pick<unknown>([{}, null, { code: 1, message: 'x' }]),
    );
  },
  'a response': (draft, random) => {
    const message = messageOf(draft);
    if (message === undefined) return;
    const { id, params } = message;
    draft.message = random.chance(0.5)
      ? { jsonrpc: '2.0', id, result: params }
      : { jsonrpc: '2.0', id, error: { code: -1, message: 'x' } };
  },
  'a batch': (draft, random) => {
    const count = random.below(4);
    draft.message = Array.from({ length: count }, () => structuredClone(draft.message));
  },
  'a batch of odd things': (draft, random) => {
    draft.message = [draft.message, oddValue(random)];
  },
  'keys in another order': (draft) => {
    const message = messageOf(draft);
    if (message !== undefined) draft.message = Object.fromEntries(Object.entries(message).reverse());
  },
  'not an object': (draft, random) => {
    draft.message = oddValue(random);
  },
  'white space around it': (draft) => {
    rewriteText(draft, (text) => ` \r\n\t${text}\n `);
  },
  'a byte order mark before it': (draft) => {
    rewriteText(draft, (text) => `\ufeff${text}`);
  },
  'text that ends too early': (draft, random) => {
    rewriteText(draft, (text) => text.slice(0, random.below(text.length)));
  },
  'something after it': (draft, random) => {
    rewriteText(draft, (text) => text + random.pick(['}', 'null', '\u0000', text]));
  },
  'a key twice': (draft, random) => {
    const twice = random.pick(['"id":5', '"method":"tools/list"', '"jsonrpc":"2.0"', '"__proto__":{"id":5}']);
    rewriteText(draft, (text) => text.replace(/^\{/, `{${twice},`).replace(/\}$/, `,${twice}}`));
  },
  'escapes in its text': (draft) => {
    rewriteText(draft, (text) => text.replaceAll('tools', '\\u0074ools').replaceAll('/', '\\/'));
  },
};
