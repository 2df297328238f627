import { originOf, type EdgeHeaders, type EdgeRequest } from '../shared/edge.js';
import type { AuthInfo } from '../shared/auth-info.js';
import type { MessageExtra } from './transport.js';

/** Headers that no handler gets to see: they are credentials, or say which session is being used. */
const HIDDEN_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'mcp-session-id',
  'proxy-authorization',
]);

/** What handlers are told of the request a message came with. Nothing of it is computed until one looks. */
export function messageExtra(request: EdgeRequest, authInfo: AuthInfo): MessageExtra {
  return new RequestExtra(request, authInfo);
}

class RequestExtra implements MessageExtra {
  readonly authInfo: AuthInfo;
  readonly requestInfo: RequestInfo;
  readonly request: RequestView;

  constructor(request: EdgeRequest, authInfo: AuthInfo) {
    this.authInfo = authInfo;
    this.requestInfo = new RequestInfo(request);
    this.request = new RequestView(request);
  }
}

/** SDK v1's `requestInfo`: headers as a plain object, the address as a `URL`. */
class RequestInfo {
  readonly #request: EdgeRequest;

  constructor(request: EdgeRequest) {
    this.#request = request;
  }

  get headers(): Record<string, string> {
    return Object.fromEntries(shownHeaders(this.#request.headers));
  }

  get url(): URL {
    return new URL(absoluteUrl(this.#request));
  }
}

/** What SDK v2's handlers find as `ctx.http.req`: the readable part of a Web `Request`. */
export class RequestView {
  readonly #request: EdgeRequest;
  /** Fires when nobody waits for the answer any more, where that ends a call. */
  readonly signal: AbortSignal | undefined;

  constructor(request: EdgeRequest, signal?: AbortSignal) {
    this.#request = request;
    this.signal = signal;
  }

  get method(): string {
    return this.#request.method;
  }

  get headers(): Headers {
    const { headers } = this.#request;
    const shown = new Headers(shownHeaders(headers));
    if (headers.entries !== undefined) return shown;
    // Of headers that can only be asked for by name, those that are asked for are there.
    const get = (name: string): string | null =>
      shown.has(name) || HIDDEN_HEADERS.has(name.toLowerCase())
        ? Headers.prototype.get.call(shown, name)
        : headers.get(name);
    return Object.assign(shown, { get });
  }

  get url(): string {
    return absoluteUrl(this.#request);
  }
}

function shownHeaders(headers: EdgeHeaders): [string, string][] {
  return [...(headers.entries?.() ?? [])].filter(([name]) => !HIDDEN_HEADERS.has(name.toLowerCase()));
}

function absoluteUrl(request: EdgeRequest): string {
  if (!request.url.startsWith('/')) return request.url;
  return originOf(request) + request.url;
}
