import {
  INITIALIZE,
  KINDS,
  LIVE_GET,
  PAGE,
  POST,
  TOKENS,
  withHeaders,
  type CorpusRequest,
} from './corpus-request.js';

const { small, broken, disabled } = TOKENS;

const openSession = (name: string, token: string, headers: Record<string, string> = {}): CorpusRequest => ({
  subject: 'refusals and streams',
  ...KINDS.initialize,
  name,
  body: INITIALIZE,
  headers: withHeaders(POST, { authorization: `Bearer ${token}`, ...headers }),
});

const call = (name: string, tool: string, headers: Record<string, string> = {}): CorpusRequest => ({
  subject: 'refusals and streams',
  ...KINDS.ping,
  name,
  body: `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"${tool}","arguments":{"value":"said"}}}`,
  headers: withHeaders(KINDS.ping.headers, headers),
});

const listen = (name: string, headers: Record<string, string>): CorpusRequest => ({
  subject: 'refusals and streams',
  ...KINDS.listen,
  name,
  headers: withHeaders(LIVE_GET, headers),
});

/** What a tenant may not, cannot, or does for long. */
export const refusalsAndStreams: readonly CorpusRequest[] = [
  openSession('the one session of a small tenant', small),
  openSession('one session too many', small),
  openSession('one session too many, for a page', small, { origin: PAGE }),
  openSession('a server that cannot be made', broken),
  openSession('a server that cannot be made, for a page', broken, { origin: PAGE }),
  openSession('a tenant that is switched off', disabled),
  openSession('a tenant that is switched off, for a page', disabled, { origin: PAGE }),
  call('an answer that becomes a stream', 'steps'),
  call('an answer that becomes a stream, for a page', 'steps', { origin: PAGE }),
  call('an answer that stays one', 'echo', { origin: PAGE }),
  call('an error', 'fail', { origin: PAGE }),
  call('something said on the stream', 'announce'),
  listen('the stream', {}),
  listen('another stream', { 'mcp-protocol-version': '2025-11-25' }),
  listen('a stream for a page', { origin: PAGE }),
  listen('a stream that is resumed', { 'last-event-id': '7' }),
  listen('a stream with a length', { 'content-length': '0' }),
  listen('a stream of another tenant', {
    authorization: `Bearer ${TOKENS.globex}`,
    'mcp-session-id': '{foreign}',
  }),
];
