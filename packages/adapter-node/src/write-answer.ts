import type { ServerResponse } from 'node:http';
import { CONNECTION_HEADERS, DirectStream, type Answer, type AnswerHeaders } from '@tessera-mcp/core';
import type { NodeOutgoing } from './node-messages.js';
import { cutOff, isGone, onGone } from './on-gone.js';

/** Headers that have several values (RFC 9110 §12.5.5, RFC 6265 §3). */
const JOINED_HEADERS: ReadonlySet<string> = new Set(['set-cookie', 'vary']);

const NO_BYTES = new Uint8Array(0);

/** Characters. */
const LONG_TEXT = 65_536;

type OutgoingHeaders = Record<string, string | string[]>;

/**
 * Writes an answer: a text in one go with its length, a stream as it comes.
 *
 * @returns resolves when a stream is written; undefined where nothing is to be waited for
 */
export function writeAnswer(answer: Answer, given: NodeOutgoing): Promise<void> | undefined {
  // The two classes have the same methods; TypeScript cannot call a union of overloads.
  const outgoing = given as ServerResponse;
  const { status, body, bytes: counted } = answer;
  // Other middleware, or the end of the app, may have answered in the meantime.
  if (isGone(given) || outgoing.headersSent) return giveUpBody(answer);
  const headers = toOutgoing(answer.headers, given);
  const isBodiless = outgoing.req.method === 'HEAD' || status === 204 || status === 304;
  if (body !== null && typeof body !== 'string') {
    if (!isBodiless) return writeStream(body, given, { status, headers });
    outgoing.writeHead(status, headers).end();
    return giveUpBody(answer);
  }
  // To count the bytes of a long text takes as long as to make them; a short one goes out in one piece with its headers.
  const bytes = body !== null && body.length > LONG_TEXT ? Buffer.from(body) : body;
  if (bytes !== null) headers['content-length'] ??= String(counted ?? Buffer.byteLength(bytes));
  // The answer to HEAD has no body, and the length of a body that is not there would be a wrong one.
  else if (!isBodiless) headers['content-length'] = '0';
  outgoing.writeHead(status, headers);
  outgoing.end(bytes ?? undefined);
  return undefined;
}

async function writeStream(
  body: ReadableStream<Uint8Array>,
  given: NodeOutgoing,
  { status, headers }: { readonly status: number; readonly headers: OutgoingHeaders },
): Promise<void> {
  const outgoing = given as ServerResponse;
  outgoing.writeHead(status, headers);
  // Node would send headers that it flushes as UTF-8, but those before bytes as Latin-1, as they must be.
  if ('stream' in given) outgoing.flushHeaders();
  else outgoing.write(NO_BYTES);
  if (body instanceof DirectStream) await connect(body, outgoing);
  else await pump(body, outgoing, lengthOf(headers));
}

/** Has a stream write to the response itself, no faster than the client reads. Resolves when it is over, in whatever way. */
function connect(body: DirectStream, outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    let isOver = false;
    const over = (): boolean => {
      const isFirst = !isOver;
      isOver = true;
      resolve();
      return isFirst;
    };
    const source = body.connect({
      write: (bytes) => !outgoing.writableEnded && outgoing.write(bytes),
      end: () => {
        if (over() && !outgoing.writableEnded) outgoing.end();
      },
      fail: () => {
        if (over()) cutOff(outgoing);
      },
    });
    // Somebody else may end a response, too: other middleware, or an app that closes.
    const giveUp = (): void => {
      if (over()) source.cancel();
    };
    onGone(outgoing, giveUp);
    outgoing.once('finish', giveUp).once('error', giveUp);
    outgoing.on('drain', () => {
      source.drained();
    });
  });
}

/** Ends the source of a body that nobody will get. Never rejects: it is over, whatever the source says to it. */
export async function giveUpBody({ body }: Answer): Promise<void> {
  if (body !== null && typeof body !== 'string' && !body.locked) await body.cancel().catch(() => undefined);
}

/**
 * Copies a stream, no faster than the client reads. The stream is cancelled as soon as the client is gone, and the
 * connection ends as soon as the stream has failed, even while the client does not read.
 */
async function pump(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
  length: number | undefined,
): Promise<void> {
  const reader = body.getReader();
  const state: { over: boolean; wake: () => void } = { over: false, wake: () => undefined };
  const end = (): void => {
    state.over = true;
    state.wake();
  };
  const giveUp = (): void => {
    end();
    reader.cancel().catch(() => undefined);
  };
  onGone(outgoing, giveUp);
  // Somebody else may end a response, too: other middleware, or an app that closes.
  outgoing.once('finish', giveUp).once('error', giveUp);
  reader.closed.catch(() => {
    end();
    cutOff(outgoing);
  });
  outgoing.on('drain', () => {
    state.wake();
  });
  let written = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || state.over) break;
    written += value.byteLength;
    if (outgoing.writableEnded || written > (length ?? Infinity)) {
      giveUp();
      break;
    }
    if (outgoing.write(value)) continue;
    await new Promise<void>((resolve) => {
      state.wake = resolve;
      if (state.over) resolve();
    });
  }
  if (outgoing.writableEnded) return;
  // Whatever is missing, or too much, the client would take from the next answer on the same connection.
  if (length !== undefined && written !== length) cutOff(outgoing);
  else if (!state.over) outgoing.end();
}

function toOutgoing(headers: AnswerHeaders, given: NodeOutgoing): OutgoingHeaders {
  const outgoing: OutgoingHeaders = {};
  const isHttp2 = 'stream' in given;
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? '';
    if (isHttp2 && CONNECTION_HEADERS.has(name)) continue;
    outgoing[name] = JOINED_HEADERS.has(name) ? joined(given.getHeader(name), value) : own(value);
  }
  return outgoing;
}

function lengthOf(headers: OutgoingHeaders): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** What earlier middleware has said in such a header stays true beside what the answer says. */
function joined(before: unknown, value: string | readonly string[]): string | string[] {
  if (before === undefined) return own(value);
  return [before, value].flat().map(String);
}

function own(value: string | readonly string[]): string | string[] {
  return typeof value === 'string' ? value : [...value];
}
