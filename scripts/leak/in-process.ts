import type { Tessera } from '../../packages/core/src/index.js';
import type { Asked, Reply, Send } from './session.js';

const URL_OF_ENDPOINT = 'http://localhost/mcp';

/** Asks a tessera directly: every other request as a Web request, the others as an adapter asks. */
export function inProcess(tessera: Tessera): Send {
  let asWeb = false;
  return (asked) => {
    asWeb = !asWeb;
    return asWeb ? byFetch(tessera, asked) : byHandle(tessera, asked);
  };
}

async function byFetch(tessera: Tessera, asked: Asked): Promise<Reply> {
  const response = await tessera.fetch(new Request(URL_OF_ENDPOINT, asked));
  return replyOf(response.status, response.headers.get('mcp-session-id'), response.body);
}

async function byHandle(tessera: Tessera, { method, headers, body = '', signal }: Asked): Promise<Reply> {
  const answer = await tessera.handle({
    method,
    url: '/mcp',
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    text: () => Promise.resolve(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const id = answer.headers['mcp-session-id'];
  return replyOf(answer.status, typeof id === 'string' ? id : null, answer.body);
}

function replyOf(
  status: number,
  sessionId: string | null,
  body: string | ReadableStream<Uint8Array> | null,
): Reply {
  if (body === null || typeof body === 'string') {
    return {
      status,
      sessionId,
      text: () => Promise.resolve(body ?? ''),
      next: () => Promise.resolve(undefined),
      leave: () => Promise.resolve(),
    };
  }
  const reader = body.getReader();
  return {
    status,
    sessionId,
    text: async () => {
      const decoder = new TextDecoder();
      let text = '';
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        text += decoder.decode(read.value, { stream: true });
      }
      return text;
    },
    next: async () => {
      const read = await reader.read();
      return read.done ? undefined : new TextDecoder().decode(read.value);
    },
    leave: () => reader.cancel(),
  };
}
