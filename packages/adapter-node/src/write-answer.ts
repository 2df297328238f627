import type { ServerResponse } from 'node:http';
import type { Answer, AnswerHeaders } from '@tessera-mcp/core';
import type { NodeOutgoing } from './node-messages.js';
import { isGone, onGone } from './on-gone.js';

/** Headers that belong to one HTTP/1 connection; HTTP/2 forbids them (RFC 9113 §8.2.2). */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

type OutgoingHeaders = Record<string, string | string[]>;

/** Writes an answer: a text in one go with its length, a stream as it comes. Resolves when it is written. */
export async function writeAnswer(answer: Answer, given: NodeOutgoing): Promise<void> {
  // The two classes have the same methods; TypeScript cannot call a union of overloads.
  const outgoing = given as ServerResponse;
  const { status, body } = answer;
  if (isGone(given)) {
    if (body instanceof ReadableStream) await body.cancel();
    return;
  }
  const headers = toOutgoing(answer.headers, 'stream' in given);
  if (body instanceof ReadableStream) {
    outgoing.writeHead(status, headers);
    outgoing.flushHeaders();
    await pump(body, outgoing);
    return;
  }
  if (body !== null) headers['content-length'] = String(Buffer.byteLength(body));
  // The answer to HEAD has no body, and the length of a body that is not there would be a wrong one.
  else if (status !== 204 && outgoing.req.method !== 'HEAD') headers['content-length'] = '0';
  outgoing.writeHead(status, headers);
  outgoing.end(body ?? undefined);
}

/**
 * Copies a stream, no faster than the client reads. The stream is cancelled as soon as the client is gone, and the
 * connection ends as soon as the stream has failed, even while the client does not read.
 */
async function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const state: { over: boolean; wake: () => void } = { over: false, wake: () => undefined };
  const end = (): void => {
    state.over = true;
    state.wake();
  };
  onGone(outgoing, () => {
    end();
    reader.cancel().catch(() => undefined);
  });
  reader.closed.catch(() => {
    end();
    outgoing.destroy();
  });
  outgoing.on('drain', () => {
    state.wake();
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (done || state.over) break;
    if (outgoing.write(value)) continue;
    await new Promise<void>((resolve) => {
      state.wake = resolve;
      if (state.over) resolve();
    });
  }
  if (!state.over) outgoing.end();
}

function toOutgoing(headers: AnswerHeaders, isHttp2: boolean): OutgoingHeaders {
  const outgoing: OutgoingHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (isHttp2 && CONNECTION_HEADERS.has(name)) continue;
    outgoing[name] = typeof value === 'string' ? value : [...value];
  }
  return outgoing;
}
