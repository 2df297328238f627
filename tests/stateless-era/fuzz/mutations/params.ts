import { messageOf, paramsOf, type Draft } from '../helpers/draft.js';
import { isObject, setOwn, type JsonObject } from '../helpers/json.js';
import type { Random } from '../helpers/random.js';
import type { Mutations } from './mutation.js';
import { ODD_KEYS, oddValue } from './values.js';

const NAMES: readonly unknown[] = [
  'hello',
  'who',
  'missing',
  'Hello',
  ' hello',
  '',
  'toString',
  'constructor',
  '__proto__',
  null,
  0,
  ['hello'],
  { name: 'hello' },
];
const ADDRESSES: readonly unknown[] = [
  'memo://static',
  'MEMO://static',
  'memo://static/',
  'memo://page/',
  'memo://page/1/2',
  'memo://page/%2e%2e',
  'memo:static',
  'not an address',
  'file:///etc/passwd',
  '',
  null,
  7,
];
/** Keys that mean something to one method or another. */
const KNOWN: readonly (readonly [string, unknown])[] = [
  ['cursor', 'next'],
  ['cursor', ''],
  ['cursor', null],
  ['cursor', 1],
  ['task', {}],
  ['task', { ttl: 1000 }],
  ['task', null],
  ['inputResponses', {}],
  ['inputResponses', { name: { action: 'accept', content: { name: 'Ada' } } }],
  ['inputResponses', { name: { action: 'decline' } }],
  ['inputResponses', { name: { method: 'elicitation/create', result: { action: 'accept' } } }],
  ['inputResponses', { name: null, other: 1 }],
  ['inputResponses', null],
  ['inputResponses', 'x'],
  ['inputResponses', []],
  ['requestState', 'x'],
  ['requestState', ''],
  ['requestState', null],
  ['requestState', { a: 1 }],
  ['requestState', 7],
  ['level', 'debug'],
  ['notifications', { toolsListChanged: true }],
  ['name', 'hello'],
  ['uri', 'memo://static'],
  ['arguments', {}],
];

const change = (draft: Draft, key: string, value: unknown): void => {
  const params = paramsOf(draft);
  if (params !== undefined) setOwn(params, key, structuredClone(value));
};

/** Some object inside the params, without `_meta`. */
function someObject(draft: Draft, random: Random): JsonObject | undefined {
  const found: JsonObject[] = [];
  const visit = (value: unknown): void => {
    if (!isObject(value)) return;
    found.push(value);
    for (const [key, inner] of Object.entries(value)) if (key !== '_meta') visit(inner);
  };
  visit(paramsOf(draft));
  return found.length === 0 ? undefined : random.pick(found);
}

export const PARAM_MUTATIONS: Mutations = {
  'params are odd': (draft, random) => {
    const message = messageOf(draft);
    if (message !== undefined) message['params'] = oddValue(random);
  },
  'params are missing': (draft) => {
    const message = messageOf(draft);
    if (message !== undefined) delete message['params'];
  },
  'an unknown key in params': (draft, random) => {
    change(draft, random.pick(ODD_KEYS.filter((key) => key !== '_meta')), oddValue(random));
  },
  'a known key in params': (draft, random) => {
    const [key, value] = random.pick(KNOWN);
    change(draft, key, value);
  },
  'answers to questions': (draft, random) => {
    const [key, value] = random.pick(
      KNOWN.filter(([one]) => one === 'inputResponses' || one === 'requestState'),
    );
    change(draft, key, value);
  },
  'a key of params is missing': (draft, random) => {
    const params = paramsOf(draft);
    const keys = Object.keys(params ?? {}).filter((key) => key !== '_meta');
    if (params !== undefined && keys.length > 0) Reflect.deleteProperty(params, random.pick(keys));
  },
  'a key of params is odd': (draft, random) => {
    const keys = Object.keys(paramsOf(draft) ?? {}).filter((key) => key !== '_meta');
    if (keys.length > 0) change(draft, random.pick(keys), oddValue(random));
  },
  'another name': (draft, random) => {
    if ('name' in (paramsOf(draft) ?? {})) change(draft, 'name', random.pick(NAMES));
  },
  'another address': (draft, random) => {
    if ('uri' in (paramsOf(draft) ?? {})) change(draft, 'uri', random.pick(ADDRESSES));
  },
  'odd arguments': (draft, random) => {
    change(draft, 'arguments', oddValue(random));
  },
  'one argument is odd': (draft, random) => {
    const given = paramsOf(draft)?.['arguments'];
    const keys = isObject(given) ? Object.keys(given) : [];
    if (isObject(given) && keys.length > 0) given[random.pick(keys)] = oddValue(random);
  },
  'another argument': (draft, random) => {
    const given = paramsOf(draft)?.['arguments'];
    if (isObject(given)) setOwn(given, random.pick([...ODD_KEYS, 'a', 'value', 'region']), oddValue(random));
  },
  'something inside is odd': (draft, random) => {
    const object = someObject(draft, random);
    const keys = Object.keys(object ?? {}).filter((key) => key !== '_meta');
    if (object !== undefined && keys.length > 0) setOwn(object, random.pick(keys), oddValue(random));
  },
  'something inside is missing': (draft, random) => {
    const object = someObject(draft, random);
    const keys = Object.keys(object ?? {}).filter((key) => key !== '_meta');
    if (object !== undefined && keys.length > 0) Reflect.deleteProperty(object, random.pick(keys));
  },
};
