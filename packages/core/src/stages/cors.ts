import type { Answer, EdgeRequest } from '../shared/edge.js';

const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'accept',
  'mcp-protocol-version',
  'mcp-session-id',
  'mcp-method',
  'mcp-name',
  'last-event-id',
];

/** Parameters of tools travel in headers with this prefix; a wildcard would not cover them. */
const PARAMETER_HEADER = /^mcp-param-[a-z0-9-]{1,64}$/;

const EXPOSED_HEADERS = 'Mcp-Session-Id, WWW-Authenticate, MCP-Protocol-Version, Retry-After';

/** Answers a CORS preflight (Fetch Standard §3.2.2), which comes without credentials; undefined for anything else. */
export function preflightAnswer(request: EdgeRequest): Answer | undefined {
  const isPreflight =
    request.method === 'OPTIONS' &&
    request.headers.get('origin') !== null &&
    request.headers.get('access-control-request-method') !== null;
  if (!isPreflight) return undefined;
  const requested = (request.headers.get('access-control-request-headers') ?? '').slice(0, 2048);
  const parameters = requested
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => PARAMETER_HEADER.test(name));
  const headers = {
    'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
    'access-control-allow-headers': [...ALLOWED_HEADERS, ...parameters].join(', '),
    'access-control-max-age': '600',
  };
  return { status: 204, headers, body: null };
}

/** Lets the page that called read the answer. Only for requests whose `Origin` has passed the guard. */
export function withCors(answer: Answer, origin: string): Answer {
  const headers = {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
    ...answer.headers,
    vary: 'vary' in answer.headers ? `Origin, ${String(answer.headers['vary'])}` : 'Origin',
  };
  return { ...answer, headers };
}
