import type { Answer, EdgeRequest, Tessera } from '@tessera-mcp/core';
import { initializeMessage, request, type Message } from '../../session-era/helpers/messages.js';

/** Lets everything else have its turn, once or more often. */
export async function turns(count = 1): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until something is true. */
export async function untilTrue(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turns();
}

/** A request as an adapter hands it over, without a socket. */
export interface Asking {
  readonly method?: 'POST' | 'GET' | 'DELETE';
  readonly token: string;
  readonly session?: string;
  readonly message?: object;
  /** For how many turns of the event loop the body is on its way. @default 0 */
  readonly bodyTakes?: number;
}

/** Makes a request whose body comes when it is told to. */
export function edgeRequest({
  method = 'POST',
  token,
  session,
  message,
  bodyTakes = 0,
}: Asking): EdgeRequest {
  const body = message === undefined ? '' : JSON.stringify(message);
  const headers = new Map([
    ['host', 'localhost'],
    ['authorization', `Bearer ${token}`],
    ['accept', method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream'],
    ...(method === 'POST' ? ([['content-type', 'application/json']] as const) : []),
    ...(method === 'POST' ? ([['content-length', String(body.length)]] as const) : []),
    ...(session === undefined ? [] : ([['mcp-session-id', session]] as const)),
  ]);
  return {
    method,
    url: '/mcp',
    headers: { get: (name) => headers.get(name) ?? null, entries: () => headers.entries() },
    body: null,
    text: async () => {
      if (bodyTakes > 0) await turns(bodyTakes);
      return body;
    },
  };
}

/** Reads an event stream to its end, and calls `hear` with each message as soon as it is there. */
export async function readMessages(
  body: ReadableStream<Uint8Array>,
  hear: (message: Message) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const data = line.startsWith('data:') ? line.slice('data:'.length).trim() : '';
      if (data !== '') hear(JSON.parse(data) as Message);
    }
  }
}

/** The messages of an answer, when it has ended. */
export async function messagesOf({ body }: Answer): Promise<Message[]> {
  const messages: Message[] = [];
  if (typeof body === 'string') messages.push(JSON.parse(body) as Message);
  else if (body !== null) await readMessages(body, (message) => messages.push(message));
  return messages;
}

/** Opens a session and says that it is initialized. */
export async function openSession(tessera: Tessera, token: string): Promise<string> {
  const opened = await tessera.handle(edgeRequest({ token, message: initializeMessage() }));
  const session = opened.headers['mcp-session-id'];
  if (typeof session !== 'string')
    throw new Error(`No session: ${String(opened.status)} ${JSON.stringify(opened.body)}`);
  const message = { jsonrpc: '2.0', method: 'notifications/initialized' };
  await tessera.handle(edgeRequest({ token, session, message }));
  return session;
}

/** The call of a tool. */
export function callOf(id: number, name: string, text = ''): object {
  return request(id, 'tools/call', { name, arguments: { text }, _meta: { progressToken: id } });
}
