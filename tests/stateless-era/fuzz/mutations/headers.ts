import { headerValue, inBase64, messageOf, paramsOf, type Draft } from '../helpers/draft.js';
import type { Random } from '../helpers/random.js';
import type { Mutations } from './mutation.js';

const RULED = ['mcp-protocol-version', 'mcp-method', 'mcp-name'];
const VERSIONS = [
  '2025-11-25',
  '2025-06-18',
  '2024-11-05',
  '2099-01-01',
  '2026-07-29',
  '2026-7-28',
  '2026-07-28, 2026-07-28',
  '"2026-07-28"',
  '=?base64?MjAyNi0wNy0yOA==?=',
  'DRAFT-2026-v1',
  '',
  '0',
];

/** Rewrites one value in some way that a careless comparison overlooks. */
const REWRITES: readonly ((value: string) => string)[] = [
  (value) => value.toUpperCase(),
  (value) => ` \t${value}\t `,
  (value) => `${value} x`,
  (value) => `${value}/`,
  (value) => `"${value}"`,
  (value) => `${value}, ${value}`,
  (value) => value.replaceAll('/', '%2F').replaceAll('e', '%65'),
  (value) => value.slice(0, -1),
  () => '',
  () => 'constructor',
  // The same value in another form, some of which are allowed and some not.
  inBase64,
  (value) => inBase64(` ${value}`),
  (value) => inBase64(value).toUpperCase(),
  (value) => inBase64(value).replaceAll('=?=', '?='),
  (value) => inBase64(value).slice(0, -2),
  (value) => inBase64(`${value}?`).replaceAll('/', '_').replaceAll('+', '-'),
  (value) => inBase64(inBase64(value)),
  (value) => ` ${inBase64(value)} `,
  () => '=?base64??=',
  () => '=?base64?gICA?=',
  () => '=?base64?%%%?=',
  () => '=?base64?QQ==\t?=',
  (value) => `=?utf-8?B?${value}?=`,
  (value) => inBase64(`\ufeff${value}`),
];

/** A header's value without bytes that no header may have. */
const toHeader = (value: string): string => value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');

const rewrite = (draft: Draft, name: string, random: Random): void => {
  const value = draft.headers.get(name);
  if (value !== undefined)
    draft.headers.set(name, toHeader(random.pick(REWRITES)(decoded(draft, name, value))));
};

/** The value a header stands for, as the body has it. */
function decoded(draft: Draft, name: string, value: string): string {
  if (name !== 'mcp-name') return value;
  const { name: byName, uri } = paramsOf(draft) ?? {};
  return [byName, uri].find((one) => typeof one === 'string') ?? value;
}

export const HEADER_MUTATIONS: Mutations = {
  'a header is missing': (draft, random) => {
    draft.headers.delete(random.pick(RULED));
  },
  'all of its headers are missing': (draft) => {
    for (const name of RULED) draft.headers.delete(name);
  },
  'another version in the header': (draft, random) => {
    draft.headers.set('mcp-protocol-version', random.pick(VERSIONS));
  },
  'the version in another form': (draft, random) => {
    rewrite(draft, 'mcp-protocol-version', random);
  },
  'the method in another form': (draft, random) => {
    rewrite(draft, 'mcp-method', random);
  },
  'another method in the header': (draft, random) => {
    draft.headers.set('mcp-method', random.pick(['tools/call', 'tools/list', 'ping', 'initialize']));
  },
  'the name in another form': (draft, random) => {
    rewrite(draft, 'mcp-name', random);
  },
  'another name in the header': (draft, random) => {
    draft.headers.set(
      'mcp-name',
      headerValue(random.pick(['hello', 'add', 'grüße', 'memo://static', '__proto__'])),
    );
  },
  'the name in bytes that are not text': (draft) => {
    draft.headers.set('mcp-name', toHeader('grüße'));
  },
  'the name in Base64': (draft) => {
    const { name, uri } = paramsOf(draft) ?? {};
    const said = [name, uri].find((one) => typeof one === 'string');
    if (said !== undefined) draft.headers.set('mcp-name', inBase64(said));
  },
  'a header of an argument in another form': (draft, random) => {
    const names = [...draft.headers.keys()].filter((name) => name.startsWith('mcp-param-'));
    if (names.length > 0) rewrite(draft, random.pick(names), random);
  },
  'a header of an argument is missing': (draft, random) => {
    const names = [...draft.headers.keys()].filter((name) => name.startsWith('mcp-param-'));
    if (names.length > 0) draft.headers.delete(random.pick(names));
  },
  'another header of an argument': (draft, random) => {
    const name = random.pick(['region', 'count', 'strict', 'zone', 'a', 'x', 'constructor']);
    const value = random.pick([
      'eu',
      '7',
      '7.0',
      '07',
      '7e0',
      ' 7',
      '0x7',
      'true',
      'TRUE',
      '1',
      '',
      inBase64('7'),
    ]);
    draft.headers.set(`mcp-param-${name}`, value);
  },
  'a header of the session era': (draft, random) => {
    draft.headers.set(
      random.pick(['mcp-session-id', 'last-event-id']),
      random.pick(['x', 'constructor', '1_2']),
    );
  },
  'a header that a tool asks for': (draft, random) => {
    draft.headers.set('x-probe', random.pick(['other', '', 'a, b', toHeader('grüße')]));
  },
  'another form of the media types': (draft, random) => {
    draft.headers.set(
      'content-type',
      random.pick(['application/json;charset=utf-8', 'Application/JSON ; a="b"']),
    );
    draft.headers.set('accept', random.pick(['*/*', 'text/event-stream, application/json;q=0.1']));
  },
  'headers that follow the body': (draft) => {
    const method = messageOf(draft)?.['method'];
    if (typeof method === 'string') draft.headers.set('mcp-method', toHeader(method));
    const { name, uri } = paramsOf(draft) ?? {};
    const said = [name, uri].find((one) => typeof one === 'string');
    if (said !== undefined) draft.headers.set('mcp-name', headerValue(said));
  },
};
