import type { Answer, EdgeRequest, Tessera } from '@tessera-mcp/core';

import { initializeMessage, notification, type Message } from '../../../session-era/helpers/messages.js';

/** Who sends a request, and in which session. */
interface Caller {
  readonly token: string;
  readonly session?: string;
}

/** A request as an adapter hands it over. */
function edgeRequest(
  method: string,
  { token, session }: Caller,
  more: Record<string, string>,
  text: () => Promise<string>,
): EdgeRequest {
  const headers = new Map(Object.entries({ host: 'localhost', authorization: `Bearer ${token}`, ...more }));
  if (session !== undefined) headers.set('mcp-session-id', session);
  return { method, url: '/mcp', headers: { get: (name) => headers.get(name) ?? null }, body: null, text };
}

const noBody = (): Promise<string> => Promise.resolve('');

/** Posts a message; `when` holds its body back. */
export function post(
  tessera: Tessera,
  caller: Caller,
  message: object,
  when: Promise<void> = Promise.resolve(),
): Promise<Answer> {
  const body = JSON.stringify(message);
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  return tessera.handle(edgeRequest('POST', caller, headers, () => when.then(() => body)));
}

/** Opens the stream of a session, or goes on with the one that an event id belongs to. */
export function listen(tessera: Tessera, caller: Caller, lastEventId?: string): Promise<Answer> {
  const resumed = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  return tessera.handle(edgeRequest('GET', caller, { accept: 'text/event-stream', ...resumed }, noBody));
}

/** Ends a session. */
export function remove(tessera: Tessera, caller: Caller): Promise<Answer> {
  return tessera.handle(edgeRequest('DELETE', caller, {}, noBody));
}

/** Opens a session and returns its id. */
export async function open(tessera: Tessera, token: string): Promise<string> {
  const answer = await post(tessera, { token }, initializeMessage());
  const session = answer.headers['mcp-session-id'];
  if (typeof session !== 'string') throw new Error(`No session: ${String(answer.status)}.`);
  await post(tessera, { token, session }, notification('notifications/initialized'));
  return session;
}

/** The message of an answer that is no stream. */
export function messageOf({ body }: Answer): Message {
  if (typeof body !== 'string') throw new Error('The answer has no text.');
  return JSON.parse(body) as Message;
}
