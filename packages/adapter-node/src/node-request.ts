import type { EdgeHeaders, EdgeRequest } from '@tessera-mcp/core';
import type { NodeIncoming, NodeOutgoing } from './node-messages.js';
import { onGone, onGoneBefore } from './on-gone.js';
import { readText } from './read-text.js';

/** A request target that names its host, as proxies send it. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/is;

/**
 * A request of Node's, seen as the flow wants to see it. Nothing is converted before it is asked for, and no Web
 * `Request` is made.
 */
export class NodeRequest implements EdgeRequest {
  readonly method: string;
  /** The path and query as they were sent. */
  readonly url: string;
  readonly headers: EdgeHeaders;
  readonly secure: boolean;
  /** The host that the request target names, where it is no path. */
  readonly targetHost: string | undefined;
  readonly incoming: NodeIncoming;
  readonly outgoing: NodeOutgoing;
  #gone: AbortController | undefined;

  constructor(incoming: NodeIncoming, outgoing: NodeOutgoing, url?: string) {
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.method = incoming.method ?? 'GET';
    const target = url ?? incoming.url ?? '/';
    const [, host, rest = ''] = target.startsWith('/') ? [] : (ABSOLUTE_FORM.exec(target) ?? []);
    this.url = host === undefined ? target : rest.startsWith('/') ? rest : `/${rest}`;
    this.targetHost = host;
    this.headers = new NodeHeaders(incoming, host);
    this.secure = 'encrypted' in incoming.socket;
  }

  get bodyUsed(): boolean {
    return this.incoming.readableDidRead;
  }

  /** Fires when the connection closes before the answer is complete. */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      const gone = new AbortController();
      this.#gone = gone;
      onGone(this.outgoing, () => {
        gone.abort();
      });
    }
    return this.#gone.signal;
  }

  whenGone(gone: () => void): () => void {
    return onGoneBefore(this.outgoing, gone);
  }

  text(maximumBytes: number = Infinity): Promise<string> {
    return readText(this.incoming, maximumBytes);
  }
}

/** Node's parsed headers behind the Web's method names. */
class NodeHeaders implements EdgeHeaders {
  readonly #incoming: NodeIncoming;
  readonly #host: string | undefined;

  /** @param host what the request target names, which counts instead of the header (RFC 9112 §3.2.2) */
  constructor(incoming: NodeIncoming, host: string | undefined) {
    this.#incoming = incoming;
    this.#host = host;
  }

  get(name: string): string | null {
    if (name === 'host' && this.#host !== undefined) return this.#host;
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
const SINGLE_HEADERS = [
  'host',
  'authorization',
  'content-type',
  'content-length',
  'origin',
  'mcp-session-id',
  'last-event-id',
  'mcp-protocol-version',
];

/** A bit for each of them. */
const BIT_OF: ReadonlyMap<string, number> = new Map(SINGLE_HEADERS.map((name, index) => [name, 1 << index]));

/** The name of a header that came twice and may not, or undefined. */
export function duplicateHeader(rawHeaders: readonly string[]): string | undefined {
  let seen = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    const bit = BIT_OF.get(name) ?? 0;
    if ((seen & bit) !== 0) return name;
    seen |= bit;
  }
  return undefined;
}
