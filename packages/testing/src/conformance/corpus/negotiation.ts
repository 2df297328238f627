import { KINDS, varyHeader, withHeaders, type CorpusRequest } from './corpus-request.js';

const ACCEPT: readonly (string | undefined)[] = [
  undefined,
  '',
  'application/json, text/event-stream',
  'text/event-stream,application/json',
  'APPLICATION/JSON, Text/Event-Stream',
  'application/json; charset=utf-8, text/event-stream; q=0.5',
  '*/*',
  'application/*, text/*',
  'application/json',
  'text/event-stream',
  'text/html, */*;q=0.1',
  'application/json;q=0, text/event-stream',
  'application/json, text/event-stream;q=0.000',
  'application/jsonx, text/event-streams',
  'application/json text/event-stream',
  ',;,',
];

const CONTENT_TYPES: readonly (string | undefined)[] = [
  undefined,
  'application/json',
  'APPLICATION/JSON',
  'application/json;charset=utf-8',
  'application/json ; charset="utf-8"',
  'application/json;',
  'application/json; charset=latin1',
  'application/jsonx',
  'application/json-seq',
  'application/problem+json',
  'text/json',
  'text/plain',
  'text/plain; application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
];

const MALFORMED_TYPES: readonly string[] = ['', 'application/json, text/plain', 'application', '/', 'é/json'];

/** What clients accept and say they send. */
export const negotiation: readonly CorpusRequest[] = [
  ...varyHeader('negotiation', 'accept', { values: ACCEPT, kinds: ['ping', 'listen', 'end'] }),
  ...varyHeader('negotiation', 'content-type', { values: CONTENT_TYPES, kinds: ['ping', 'initialize'] }),
  ...varyHeader('negotiation', 'content-type', {
    values: MALFORMED_TYPES,
    kinds: ['ping', 'initialize'],
  }).map((request) => ({ ...request, malformed: 'contentType' as const })),
  ...ACCEPT.map((accept, index) => ({
    subject: 'negotiation',
    ...KINDS.ping,
    name: `both are wrong, or one is (${String(index)})`,
    headers: withHeaders(KINDS.ping.headers, { accept, 'content-type': 'text/plain' }),
  })),
];
