import { HOST, KINDS, PAGE, varyHeader, withHeaders, type CorpusRequest } from './corpus-request.js';

const GOOD_HOSTS: readonly string[] = [
  'localhost',
  '127.0.0.1:8080',
  '[::1]:8080',
  '[::1]',
  '127.0.0.1',
  '127.9.9.9',
];

/** Well-formed, but not this machine for sure. */
const FOREIGN_HOSTS: readonly string[] = [
  '127.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  '127.0.0.01',
  'localhost.evil.com',
  'evil.com',
  'evil.com:80',
  'xlocalhost',
  '127.0.0.1.evil.com',
  '[::2]',
];

const MALFORMED_HOSTS: readonly string[] = [
  'localhost:99999999',
  'localhost:65536',
  'localhost:80:80',
  'localhost:port',
  'localhost:-1',
  '[::1',
  '[::1]evil.com',
  '::1',
  '%6cocalhost',
  'localhost%00',
];

/** HTTP/2 itself refuses an authority like these. */
const NOT_FOR_HTTP2: readonly string[] = [
  '',
  'evil@localhost',
  'localhost/evil',
  'localhost#x',
  'localhost?x',
  'localhost\\evil',
  'localhost evil',
  'localhost, evil.com',
  'löcalhost',
];

/** What `Host` a request may ask for on a loopback bind. */
export const hosts: readonly CorpusRequest[] = [
  ...varyHeader('hosts', 'host', {
    values: [...GOOD_HOSTS, ...FOREIGN_HOSTS],
    kinds: ['initialize', 'listen'],
  }),
  ...[...MALFORMED_HOSTS, ...NOT_FOR_HTTP2].flatMap((host) =>
    varyHeader('hosts', 'host', { values: [host], kinds: ['initialize', 'listen'] }).map((request) => ({
      ...request,
      malformed: 'host' as const,
      http1Only: NOT_FOR_HTTP2.includes(host),
    })),
  ),
  ...[...GOOD_HOSTS, 'evil.com', 'localhost.evil.com'].flatMap((host) => [
    {
      subject: 'hosts',
      ...KINDS.initialize,
      name: `initialize without a token, host: ${host}`,
      headers: withHeaders(KINDS.initialize.headers, { host, authorization: undefined }),
    },
    {
      subject: 'hosts',
      name: `the resource's document, host: ${host}`,
      method: 'GET',
      path: '/.well-known/oauth-protected-resource/mcp',
      headers: { host },
    },
  ]),
];

const ORIGINS: readonly (string | undefined)[] = [
  undefined,
  '',
  PAGE,
  PAGE.toUpperCase(),
  `${PAGE}/`,
  `${PAGE}:443`,
  `${PAGE}.evil.com`,
  'https://evil.com',
  'null',
  'http://localhost:5173',
  'https://localhost',
  `http://${HOST}`,
  'http://127.0.0.1',
  'http://127.1',
  'http://[::1]:8080',
  'http://localhost.evil.com',
  'https://user@localhost',
  'ftp://localhost',
  'file://',
  'chrome-extension://abcdef',
  'localhost',
  `${PAGE}, https://evil.com`,
  'é',
];

const DOCUMENT = '/.well-known/oauth-authorization-server';

/** Which pages may call, and what they get to read. */
export const origins: readonly CorpusRequest[] = [
  ...varyHeader('origins', 'origin', { values: ORIGINS }),
  ...ORIGINS.flatMap((origin, index) => [
    {
      subject: 'origins',
      ...KINDS.initialize,
      name: `initialize without a token (${String(index)})`,
      headers: withHeaders(KINDS.initialize.headers, { origin, authorization: undefined }),
    },
    {
      subject: 'origins',
      name: `a document (${String(index)})`,
      method: 'GET',
      path: DOCUMENT,
      headers: withHeaders({}, { origin }),
    },
  ]),
];

const ASKED_HEADERS: readonly (string | undefined)[] = [
  undefined,
  'authorization, content-type',
  'Mcp-Param-City, mcp-param-x, x-evil, mcp-param-',
  'mcp-param-a,'.repeat(300),
];

/** Preflights: every page, every method, the usual headers and others. */
export const preflights: readonly CorpusRequest[] = ['/mcp', DOCUMENT].flatMap((path) =>
  [undefined, PAGE, 'https://evil.com', 'http://localhost:5173'].flatMap((origin) =>
    [undefined, 'GET', 'POST', 'DELETE', 'PUT'].flatMap((method) =>
      ASKED_HEADERS.map((asked, index) => ({
        subject: 'preflights',
        name: `OPTIONS ${path} from ${origin ?? 'nowhere'} for ${method ?? 'nothing'} (${String(index)})`,
        method: 'OPTIONS',
        path,
        headers: withHeaders(
          {},
          { origin, 'access-control-request-method': method, 'access-control-request-headers': asked },
        ),
      })),
    ),
  ),
);
