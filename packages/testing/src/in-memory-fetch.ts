import { bodyAlreadyRead, type FetchHandler, type RequestContext } from '@tessera-mcp/core';
import { receivedResponse } from './received-response.js';

/**
 * An address to give to clients whose requests go to `inMemoryFetch`. Nothing is ever sent there; its path is the
 * tessera's default endpoint.
 */
export const TEST_URL: string = 'http://localhost/mcp';

/** Options of `inMemoryFetch`. What a `RequestContext` holds is handed to the target with each request. */
export interface InMemoryFetchOptions extends RequestContext {
  /** Sent as a bearer token with every request that has no `Authorization` header of its own. Default: none. */
  readonly token?: string;
  /**
   * Parses JSON bodies and hands them over as `parsedBody`, as a framework's parser in front does. A body that is not
   * JSON stays as it is. @default false
   */
  readonly parseBodies?: boolean;
}

/** A function that can stand in for the global `fetch`. */
export type InMemoryFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * Makes a `fetch` that asks a handler directly, for the HTTP client transport of either MCP SDK: no socket, no port,
 * nothing to close but the clients. Answers stream. The handler's request is aborted when the client aborts its own, or
 * gives up the answer's body. It follows no redirects and keeps no cookies.
 *
 * Rejects with what the handler rejects with, and with the signal's reason when the client aborts.
 *
 * @example
 * ```ts
 * const transport = new StreamableHTTPClientTransport(new URL(TEST_URL), {
 *   fetch: inMemoryFetch(tessera, { token }),
 * });
 * await client.connect(transport);
 * ```
 */
export function inMemoryFetch(target: FetchHandler, options: InMemoryFetchOptions = {}): InMemoryFetch {
  const { token, parseBodies = false, ...context } = options;
  return async (input, init) => {
    const asked = new Request(input, init);
    asked.signal.throwIfAborted();
    const headers = new Headers(asked.headers);
    if (token !== undefined && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`);
    const gone = new AbortController();
    // The body is parsed in there too, because a client may leave before it has come.
    return receivedResponse(asked, gone, async (hold) => {
      const { body, parsed } =
        parseBodies && isJson(headers) ? await parsedBodyOf(asked) : { body: asked.body };
      asked.signal.throwIfAborted();
      const given = { method: asked.method, headers, body, signal: gone.signal, duplex: 'half' };
      const request = new Request(asked.url, given);
      hold(request);
      return target.fetch(request, parsed === undefined ? context : { ...context, parsedBody: parsed });
    });
  };
}

function isJson(headers: Headers): boolean {
  const [type = ''] = (headers.get('content-type') ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json';
}

async function parsedBodyOf(request: Request): Promise<{ body: BodyInit | null; parsed?: unknown }> {
  if (request.body === null) return { body: null };
  const text = await request.text();
  try {
    return { body: consumedBody(), parsed: JSON.parse(text) };
  } catch {
    return { body: text };
  }
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
