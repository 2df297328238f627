import {
  BODY_BYTES,
  INITIALIZE,
  KINDS,
  LIVE_POST,
  PING,
  withHeaders,
  type CorpusRequest,
} from './corpus-request.js';

const echo = (value: string): string =>
  `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"value":"${value}"}}}`;

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part))));

/** The same request with a text that makes it as long as that. */
const sized = (length: number): string => echo('x'.repeat(length - echo('').length));

const [BEFORE = '', AFTER = ''] = echo('|').split('|');

const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** The ping, compressed with gzip. */
const COMPRESSED_PING = Buffer.from(
  'H4sIAAAAAAAAA6tWyirOzysqSFayUjLSM1DSUcpMUbJSKlDSUcpNLcnIB3My89KVagG0eLYSKgAAAA==',
  'base64',
);

type Body = NonNullable<CorpusRequest['body']>;

const BODIES: Readonly<Record<string, Body>> = {
  nothing: '',
  'nothing in no chunks': [],
  'white space': ' \r\n\t',
  'white space around a message': `\r\n ${PING}\t\n`,
  'half a message': PING.slice(0, 20),
  'a message and more': `${PING}x`,
  'two messages': PING + PING,
  'a comment': `/* x */${PING}`,
  'a form': 'jsonrpc=2.0&method=ping',
  'single quotes': PING.replaceAll('"', "'"),
  'a trailing comma': PING.replace('}', ',}'),
  'not a number': '{"jsonrpc":"2.0","id":NaN,"method":"ping"}',
  'a byte order mark': `\uFEFF${PING}`,
  'a byte order mark in chunks': ['\uFEFF', PING],
  'a NUL in front': bytes([0], PING),
  'UTF-16, little endian': Buffer.from(`\uFEFF${PING}`, 'utf16le'),
  'UTF-16, big endian': Buffer.from(`\uFEFF${PING}`, 'utf16le').swap16(),
  'Latin-1': bytes(BEFORE, [0xe9], AFTER),
  'a byte that is never UTF-8': bytes(BEFORE, [0xff, 0xfe], AFTER),
  'a character that is cut off': bytes(BEFORE, [0xe2, 0x82], AFTER),
  'a character that is too long': bytes(BEFORE, [0xc0, 0xaf], AFTER),
  'half a pair in UTF-8': bytes(BEFORE, [0xed, 0xa0, 0x80], AFTER),
  'a control character in a text': echo('\u0001'),
  'a character of two bytes in two chunks': [bytes(BEFORE, [0xc3]), bytes([0xa9], AFTER)],
  'a character of four bytes in four chunks': [
    bytes(BEFORE, [0xf0]),
    bytes([0x9f]),
    bytes([0x98]),
    bytes([0x80], AFTER),
  ],
  'a message in chunks of one byte': Array.from(Buffer.from(PING), (byte) => Uint8Array.of(byte)),
  'compressed data': COMPRESSED_PING,
  'a hundred levels': deep(100),
  'seven thousand levels': deep(7000),
  'a thousand levels in a message': echo('').replace('""', `{"a":`.repeat(1000) + '1' + '}'.repeat(1000)),
  'as much as is taken': sized(BODY_BYTES),
  'as much as is taken, in chunks': [sized(BODY_BYTES).slice(0, 9000), sized(BODY_BYTES).slice(9000)],
  'one byte too much': sized(BODY_BYTES + 1),
  'one byte too much, in chunks': [sized(BODY_BYTES + 1).slice(0, 9000), sized(BODY_BYTES + 1).slice(9000)],
  'few characters and many bytes': echo('€'.repeat(BODY_BYTES / 3)),
  'few characters and many bytes, in chunks': [echo('€'.repeat(BODY_BYTES / 3))],
  'much too much': 'x'.repeat(BODY_BYTES * 20),
  'much too much, in chunks': Array.from({ length: 20 }, () => 'x'.repeat(BODY_BYTES)),
};

/** The bytes of a body: encodings, lengths, chunks. */
export const encodings: readonly CorpusRequest[] = [
  ...Object.entries(BODIES).map(([name, body]) => ({ subject: 'encodings', ...KINDS.ping, body, name })),
  ...Object.entries(BODIES).map(([name, body]) => ({
    subject: 'encodings',
    ...KINDS.ping,
    body,
    name: `${name}, without a token`,
    headers: withHeaders(LIVE_POST, { authorization: undefined }),
  })),
  ...['gzip', 'identity', 'x'].map((encoding) => ({
    subject: 'encodings',
    ...KINDS.ping,
    body: encoding === 'gzip' ? COMPRESSED_PING : PING,
    name: `said to be ${encoding}`,
    headers: withHeaders(LIVE_POST, { 'content-encoding': encoding }),
  })),
  {
    subject: 'encodings',
    ...KINDS.initialize,
    name: 'initialize in chunks',
    body: [INITIALIZE.slice(0, 9), INITIALIZE.slice(9)],
  },
  { subject: 'encodings', ...KINDS.end, name: 'DELETE with a body', body: 'nobody reads this' },
];
