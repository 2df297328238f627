import { bodyAlreadyRead, bodyIncomplete, originOf, parseHost } from '@tessera-mcp/core';
import type { NodeIncoming } from './node-messages.js';
import type { NodeRequest } from './node-request.js';

/**
 * A Node request as a Web `Request`. Its body is not touched before somebody reads it. Undefined for an address that no
 * `Request` can have.
 */
export function toWebRequest(request: NodeRequest, isBodyParsed: boolean): Request | undefined {
  const { method, signal, incoming } = request;
  const address = addressOf(request);
  if (address === undefined) return undefined;
  const headers = new Headers([...headerPairs(incoming.rawHeaders)]);
  // HTTP/2 has it under another name, and a request target that names a host outweighs it.
  const host = request.headers.get('host');
  if (host !== null) headers.set('host', host);
  const init: RequestInit = { method, headers, signal };
  const hasBody = method !== 'GET' && method !== 'HEAD';
  if (!hasBody) return new Request(address, init);
  const body = isBodyParsed || request.bodyUsed ? consumedBody() : bodyOf(incoming);
  // A body that is a stream must say so; TypeScript's DOM library does not know the field yet.
  return new Request(address, { ...init, body, duplex: 'half' } as RequestInit);
}

/** The whole address. A path may begin with two slashes, which must not become a host. */
function addressOf(request: NodeRequest): string | undefined {
  const { url, targetHost } = request;
  if (targetHost !== undefined && parseHost(targetHost) === undefined) return undefined;
  const isPath = url.startsWith('/');
  // `OPTIONS *` is about the whole server; any other target that is no path is of no use here.
  if (!isPath && url !== '*') return undefined;
  const address = originOf(request) + (isPath ? url : '/*');
  return URL.canParse(address) ? address : undefined;
}

/** Names and values as they came; HTTP/2 sends what HTTP/1 has in its first line as names with a colon. */
function* headerPairs(rawHeaders: readonly string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!name.startsWith(':')) yield [name, rawHeaders[index + 1] ?? ''];
  }
}

/** Nothing is read ahead, and a body that is given up is not the end of its connection. */
function bodyOf(incoming: NodeIncoming): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array | string> | undefined;
  return new ReadableStream(
    {
      pull: async (controller) => {
        chunks ??= incoming.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array | string>;
        const chunk = await chunks.next();
        // In HTTP/2 a body that was cut off ends like a whole one.
        const isCutOff = chunk.done === true && 'stream' in incoming && incoming.stream.aborted;
        if (isCutOff) throw bodyIncomplete();
        if (chunk.done === true) controller.close();
        else controller.enqueue(typeof chunk.value === 'string' ? Buffer.from(chunk.value) : chunk.value);
      },
      cancel: async () => {
        await chunks?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

function consumedBody(): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      pull: () => {
        throw bodyAlreadyRead();
      },
    },
    { highWaterMark: 0 },
  );
}
