import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { bodyAlreadyRead, bodyTooLarge, type EdgeHeaders, type EdgeRequest } from '@tessera-mcp/core';

/** A request of `node:http` or `node:http2`. */
export type NodeIncoming = IncomingMessage | Http2ServerRequest;

/** A response of `node:http` or `node:http2`. */
export type NodeOutgoing = ServerResponse | Http2ServerResponse;

/**
 * A request of Node's, seen as the flow wants to see it. Nothing is converted before it is asked for, and no Web
 * `Request` is made.
 */
export class NodeRequest implements EdgeRequest {
  readonly method: string;
  /** The request target as it was sent; the path never comes from the `Host` header. */
  readonly url: string;
  readonly headers: EdgeHeaders;
  readonly secure: boolean;
  readonly #incoming: NodeIncoming;
  readonly #outgoing: NodeOutgoing;
  #gone: AbortController | undefined;

  constructor(incoming: NodeIncoming, outgoing: NodeOutgoing) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.method = incoming.method ?? 'GET';
    this.url = incoming.url ?? '/';
    this.headers = new NodeHeaders(incoming);
    this.secure = 'encrypted' in incoming.socket;
  }

  get bodyUsed(): boolean {
    return this.#incoming.readableDidRead;
  }

  /** Fires when the connection closes before the answer is complete. */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      const gone = new AbortController();
      this.#gone = gone;
      if (isGone(this.#outgoing)) gone.abort();
      this.#outgoing.once('close', () => {
        if (!this.#outgoing.writableFinished) gone.abort();
      });
    }
    return this.#gone.signal;
  }

  text(maximumBytes: number = Infinity): Promise<string> {
    const incoming = this.#incoming;
    return new Promise((resolve, reject) => {
      if (incoming.readableDidRead) {
        reject(bodyAlreadyRead());
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      const onData = (chunk: Buffer): void => {
        bytes += chunk.length;
        if (bytes <= maximumBytes) {
          chunks.push(chunk);
          return;
        }
        incoming.removeListener('data', onData);
        incoming.pause();
        reject(bodyTooLarge(maximumBytes));
      };
      incoming.on('data', onData);
      incoming.once('end', () => {
        const [only] = chunks;
        resolve((chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)).toString('utf8'));
      });
      incoming.once('error', reject);
      incoming.once('close', () => {
        if (!incoming.complete) reject(new Error('The client went away before its body had arrived.'));
      });
    });
  }
}

/** Whether a response can no longer be written. */
export function isGone(outgoing: NodeOutgoing): boolean {
  return 'destroyed' in outgoing && outgoing.destroyed;
}

/** Node's parsed headers behind the Web's method names. */
class NodeHeaders implements EdgeHeaders {
  readonly #incoming: NodeIncoming;

  constructor(incoming: NodeIncoming) {
    this.#incoming = incoming;
  }

  get(name: string): string | null {
    const value = this.#incoming.headers[name];
    if (value === undefined) return name === 'host' ? this.#authority() : null;
    return Array.isArray(value) ? value.join(', ') : value;
  }

  *entries(): Generator<[string, string]> {
    for (const [name, value] of Object.entries(this.#incoming.headers)) {
      // HTTP/2 sends what HTTP/1 has in its first line as headers with a colon.
      if (value === undefined || name.startsWith(':')) continue;
      yield [name, Array.isArray(value) ? value.join(', ') : value];
    }
  }

  #authority(): string | null {
    const value = this.#incoming.headers[':authority'];
    return typeof value === 'string' ? value : null;
  }
}

/** Headers that may come once only; a second one is how requests are smuggled past a check. */
const SINGLE_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'content-type',
  'content-length',
  'origin',
  'mcp-session-id',
  'last-event-id',
  'mcp-protocol-version',
]);

/** The name of a header that came twice and may not, or undefined. */
export function duplicateHeader(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (!SINGLE_HEADERS.has(name)) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}
