import type { Malformed } from '../adapter-under-test.js';

/** One request of the corpus: all of it that goes over the wire, as data. */
export interface CorpusRequest {
  /** What it is about; requests of one subject are sent in order to one tessera. */
  readonly subject: string;
  /** Tells it from every other one. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /**
   * In these, `{live}` stands for the id of an open session of the first tenant, `{foreign}` for one of the second, and
   * `{ended}` for one that has ended.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** A list is sent in chunks, without a length. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Whether only HTTP/1 can carry it. */
  readonly http1Only?: boolean;
  /** What about it a framework may refuse by itself. */
  readonly malformed?: Malformed;
}

/** The tokens of the corpus, and what they open. */
export const TOKENS = {
  acme: 'acme_Zk3vQ8rT1nW6yB9xL2mD5cF7gH0jK4pS',
  globex: 'globex_P7sN2kV5bX8mQ1wE4rT6yU9iO3aS0dF',
  /** Of a tenant that is switched off. */
  disabled: 'disabled_M4nB7vC1xZ8lK2jH5gF9dS3aP6oI0u',
  /** Valid until long ago. */
  expired: 'expired_Q9wE2rT5yU8iO1pA4sD7fG3hJ6kL0zX',
  /** Of a tenant whose server cannot be made. */
  broken: 'broken_T6yU3iO9pA2sD5fG8hJ1kL4zX7cV0bN',
  /** Of a tenant that may have one session. */
  small: 'small_R5tY8uI2oP6aS9dF1gH4jK7lZ3xC0vBn',
} as const;

/** The host that every request asks for, unless it is about hosts. */
export const HOST: string = 'localhost:3000';

/** The origin of the one page that may call. */
export const PAGE: string = 'https://app.example.com';

/** The largest body that is taken, in bytes. */
export const BODY_BYTES: number = 16_384;

/** The headers of a well-formed POST of the first tenant. */
export const POST: Readonly<Record<string, string>> = {
  authorization: `Bearer ${TOKENS.acme}`,
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
};

/** The same in an open session. */
export const LIVE_POST: Readonly<Record<string, string>> = { ...POST, 'mcp-session-id': '{live}' };

/** The headers of a well-formed GET in an open session. */
export const LIVE_GET: Readonly<Record<string, string>> = {
  authorization: `Bearer ${TOKENS.acme}`,
  accept: 'text/event-stream',
  'mcp-session-id': '{live}',
};

/** A request that every server answers. */
export const PING: string = '{"jsonrpc":"2.0","id":"p","method":"ping"}';

/** A first message. */
export const INITIALIZE: string = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'corpus', version: '1.0.0' },
  },
});

/** A request without the parts that every subject gives itself. */
type Kind = Pick<CorpusRequest, 'method' | 'path' | 'body' | 'headers'>;

/** Plain requests, for subjects that vary something about each. */
export const KINDS: Readonly<Record<'initialize' | 'ping' | 'listen' | 'end', Kind>> = {
  initialize: { method: 'POST', path: '/mcp', headers: POST, body: INITIALIZE },
  ping: { method: 'POST', path: '/mcp', headers: LIVE_POST, body: PING },
  listen: { method: 'GET', path: '/mcp', headers: LIVE_GET },
  end: { method: 'DELETE', path: '/mcp', headers: { ...LIVE_GET, 'mcp-session-id': 'nobody' } },
};

/** Headers with others in their place; undefined leaves one out. */
export function withHeaders(
  headers: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const merged = Object.entries({ ...headers, ...others });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** A short name for a value of any length; the place in its list tells it from others that begin like it. */
export function shown(value: string | undefined, index: number): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 48 ? `${String(index)}: ${text.slice(0, 40)}…` : text;
}

/** Every kind of request with every value of one header. */
export function varyHeader(
  subject: string,
  header: string,
  { values, kinds = ['initialize', 'ping', 'listen', 'end'] }: VaryOptions,
): CorpusRequest[] {
  return kinds.flatMap((kind) =>
    values.map((value, index) => ({
      subject,
      ...KINDS[kind],
      name: `${kind}, ${header} ${shown(value, index)}`,
      headers: withHeaders(KINDS[kind].headers, { [header]: value }),
    })),
  );
}

interface VaryOptions {
  readonly values: readonly (string | undefined)[];
  readonly kinds?: readonly (keyof typeof KINDS)[];
}
