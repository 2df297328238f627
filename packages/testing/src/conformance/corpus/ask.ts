import type { Tessera } from '@tessera-mcp/core';
import type { Client, SendOptions } from '../client/client.js';
import { lengthOf } from '../client/client.js';
import { within } from '../waiting.js';
import { HOST, INITIALIZE, POST, TOKENS, type CorpusRequest } from './corpus-request.js';

/** An answer, as far as answers are compared. */
export interface CorpusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** All of it, or of a stream that does not end as much as goes up to its first message. */
  readonly body: string;
}

/** Sends a request somewhere. */
export interface Asker {
  ask(request: CorpusRequest): Promise<CorpusAnswer>;
}

/** What is in the first message of a stream, because it was announced. */
const MESSAGE = 'list_changed"}\n\n';

/** Asks a tessera itself. */
export function askTessera(tessera: Tessera): Asker {
  return {
    ask: async (request) => {
      const response = await tessera.fetch(toWebRequest(request), { loopbackBind: true });
      const { status, body } = response;
      const headers = Object.fromEntries(response.headers);
      if (!isEndless(request, headers)) return { status, headers, body: await response.text() };
      announce(tessera);
      return { status, headers, body: withoutIds(await within(readToMessage(body), 'The first message')) };
    },
  };
}

/** Asks a tessera through whatever it is mounted in. */
export function askThrough(client: Client, tessera: Tessera): Asker {
  return {
    ask: async (request) => {
      const { method, path, body } = request;
      const sent: SendOptions = {
        method,
        path,
        headers: wireHeaders(request),
        ...(body === undefined ? {} : { body }),
      };
      const reply = await client.send(sent);
      const headers = Object.fromEntries(reply.names().map((name) => [name, reply.header(name) ?? '']));
      const { status } = reply;
      if (!isEndless(request, headers)) return { status, headers, body: await reply.text() };
      announce(tessera);
      const text = await reply.textTo(MESSAGE);
      reply.abort();
      return { status, headers, body: withoutIds(text) };
    },
  };
}

/** The ids that stand for sessions in a request's headers. */
export interface SessionIds {
  readonly live: string;
  readonly foreign: string;
  readonly ended: string;
}

/** Opens the sessions that requests are about. */
export async function openSessions(asker: Asker): Promise<SessionIds> {
  const live = await openSession(asker, TOKENS.acme);
  const foreign = await openSession(asker, TOKENS.globex);
  const ended = await openSession(asker, TOKENS.acme);
  const headers = { ...POST, 'mcp-session-id': ended };
  await asker.ask({ subject: '', name: 'ending a session', method: 'DELETE', path: '/mcp', headers });
  return { live, foreign, ended };
}

/** A request about these sessions. */
export function aboutSessions(request: CorpusRequest, ids: SessionIds): CorpusRequest {
  const fill = (value: string): string =>
    value.replaceAll(/\{(live|foreign|ended)\}/g, (_all, name: keyof SessionIds) => ids[name]);
  const headers = Object.entries(request.headers).map(([name, value]) => [name, fill(value)]);
  return { ...request, headers: Object.fromEntries(headers) as Record<string, string> };
}

async function openSession(asker: Asker, token: string): Promise<string> {
  const { status, headers, body } = await asker.ask({
    subject: '',
    name: 'opening a session',
    method: 'POST',
    path: '/mcp',
    headers: { ...POST, authorization: `Bearer ${token}` },
    body: INITIALIZE,
  });
  const id = headers['mcp-session-id'];
  if (id === undefined) throw new Error(`No session was opened: ${String(status)} ${body}`);
  return id;
}

/** Whether an answer ends only when somebody ends it. */
function isEndless({ method }: CorpusRequest, headers: Readonly<Record<string, string>>): boolean {
  return method === 'GET' && headers['content-type'] === 'text/event-stream';
}

function announce(tessera: Tessera): void {
  for (const tenant of ['acme', 'globex']) tessera.notify(tenant).toolsChanged();
}

async function readToMessage(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(MESSAGE)) break;
  }
  return text;
}

/** The stream up to its first message. Event ids are of one session only, so what is compared is that they are there. */
function withoutIds(text: string): string {
  const end = text.indexOf('\n\n', text.indexOf(MESSAGE));
  return text.slice(0, end).replaceAll(/^id: .+$/gm, 'id: …');
}

function wireHeaders({ headers, body }: CorpusRequest): Record<string, string> {
  const length = lengthOf(body);
  return {
    host: HOST,
    ...headers,
    ...(length === undefined || headers['content-length'] !== undefined
      ? {}
      : { 'content-length': String(length) }),
  };
}

function toWebRequest(request: CorpusRequest): Request {
  const { method, path, body } = request;
  const headers = wireHeaders(request);
  const { host = HOST } = headers;
  // A malformed Host makes no address; it is refused before anybody looks at that.
  const origin =
    URL.canParse(`http://${host}`) && !/[/?#@\\]/.test(host) ? `http://${host}` : `http://${HOST}`;
  const init = { method, headers, ...(body === undefined ? {} : { body: toBody(body), duplex: 'half' }) };
  return new Request(origin + path, init);
}

/** Bytes instead of a text, because a text would name its own content type. */
function toBody(body: NonNullable<CorpusRequest['body']>): BodyInit {
  const encoder = new TextEncoder();
  const toBytes = (part: string | Uint8Array): Uint8Array<ArrayBuffer> =>
    typeof part === 'string' ? encoder.encode(part) : Uint8Array.from(part);
  if (typeof body === 'string' || body instanceof Uint8Array) return toBytes(body);
  const chunks = body.map(toBytes);
  return new ReadableStream<Uint8Array>({
    start: (sink) => {
      for (const chunk of chunks) sink.enqueue(chunk);
      sink.close();
    },
  });
}
