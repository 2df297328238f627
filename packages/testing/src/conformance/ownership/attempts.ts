import type { SendOptions, SentHeaders } from '../client/client.js';
import type { Reply } from '../client/reply.js';
import { POST_HEADERS, toolCall, type Sender } from '../fixtures/mcp-session.js';

/** The id of the call that an owner has in flight while others try to reach it. */
export const HELD_CALL = 77;

/** A way to use a session. */
export interface Attempt {
  readonly name: string;
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers?: SentHeaders;
  readonly body?: string;
}

/** Every way to use a session. The last one ends it. */
export const ATTEMPTS: readonly Attempt[] = [
  { name: 'a call', method: 'POST', body: toolCall(5, 'echo', 'hello') },
  {
    name: 'a notification',
    method: 'POST',
    body: `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${String(HELD_CALL)}}}`,
  },
  { name: 'GET', method: 'GET' },
  { name: 'GET with Last-Event-ID', method: 'GET', headers: { 'last-event-id': '1' } },
  { name: 'DELETE', method: 'DELETE' },
];

/** Who tries it, and what is said of the session. */
export interface Credentials {
  readonly token: string;
  /** None, one, or as many as there are in the list. */
  readonly sessionId?: string | readonly string[];
}

/** An answer that has ended, as far as a caller can see it. */
export interface SeenAnswer {
  readonly status: number;
  /** In their order, without the time. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** The request of an attempt. */
export function requestOf(attempt: Attempt, { token, sessionId }: Credentials): SendOptions {
  const { method, headers = {}, body } = attempt;
  const { 'content-type': contentType, ...others } = POST_HEADERS;
  return {
    method,
    path: '/mcp',
    headers: {
      ...others,
      ...(body === undefined || contentType === undefined ? {} : { 'content-type': contentType }),
      authorization: `Bearer ${token}`,
      ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  };
}

/** Makes an attempt that is to be refused, and gives all that can be seen of the refusal. */
export async function seeAnswer(
  client: Sender,
  attempt: Attempt,
  credentials: Credentials,
): Promise<SeenAnswer> {
  return seenOf(await client.send(requestOf(attempt, credentials)));
}

async function seenOf(reply: Reply): Promise<SeenAnswer> {
  const type = reply.header('content-type') ?? '';
  if (type.startsWith('text/event-stream')) {
    reply.abort();
    throw new Error('A stream was opened for somebody who must not have one.');
  }
  const headers = reply
    .names()
    .filter((name) => name !== 'date')
    .flatMap((name) => reply.values(name).map((value) => `${name}: ${value}`));
  return { status: reply.status, headers, body: await reply.text() };
}
