import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** A JSON-RPC message, as far as tests look at it. */
export interface Message {
  readonly jsonrpc?: string;
  readonly id?: unknown;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** The body of a refusal. */
export interface Refusal {
  readonly error: string;
  readonly error_description: string;
}

const PROTOCOL_VERSION = '2025-06-18';

export const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'raw-client', version: '1.0.0' },
  },
};

export const listTools = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };

export function callTool(name: string, args: Readonly<Record<string, unknown>> = {}, id = 3): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
}

/** Headers of a request for a token, and for its session when there is one. */
export function headersFor(token: string | undefined, sessionId?: string): Record<string, string> {
  return {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(sessionId === undefined
      ? {}
      : { 'mcp-session-id': sessionId, 'mcp-protocol-version': PROTOCOL_VERSION }),
  };
}

/** Posts a message. */
export function post(
  url: string,
  token: string | undefined,
  message: object,
  sessionId?: string,
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: headersFor(token, sessionId),
    body: JSON.stringify(message),
  });
}

/** Opens a session and returns its id. */
export async function openSession(url: string, token: string): Promise<string> {
  const response = await post(url, token, initialize);
  const body = await response.text();
  const sessionId = response.headers.get('mcp-session-id');
  if (response.status !== 200 || sessionId === null) {
    throw new Error(`No session: ${String(response.status)} ${body}`);
  }
  const accepted = await post(url, token, { jsonrpc: '2.0', method: 'notifications/initialized' }, sessionId);
  await accepted.text();
  return sessionId;
}

/** The one message of an answer, sent as JSON or as an event. */
export async function readMessage(response: Response): Promise<Message> {
  const text = await response.text();
  if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    return JSON.parse(text) as Message;
  }
  const data = text
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
    .filter((line) => line !== '');
  return JSON.parse(data.at(-1) ?? '{}') as Message;
}

/** What came back from a request that `fetch` would not send. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request with any header, `Host` included. */
export function sendRaw(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const outgoing = httpRequest(url, { method, headers, agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
