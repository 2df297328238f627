import type { AuthInfo } from './auth-info.js';
import { parseHost } from './host.js';

/**
 * What the flow needs of a request. A Web `Request` satisfies it, and so does the light object that an adapter
 * makes from its framework's request.
 */
export interface EdgeRequest {
  /** Upper-case HTTP method. */
  readonly method: string;
  /** An absolute URL, or the origin-form request target (`/mcp?x=1`). */
  readonly url: string;
  readonly headers: EdgeHeaders;
  /** Whether the connection is encrypted, where `url` does not say it. */
  readonly secure?: boolean;
  /** Whether somebody has read the body already. */
  readonly bodyUsed?: boolean;
  /** The body as a stream, where there is one; read only when its length is not announced. */
  readonly body?: ReadableStream<Uint8Array> | null;
  /** Fires when the client goes away. Read only where something listens, because making it costs. */
  readonly signal?: AbortSignal;
  /**
   * Calls `gone` once when the client goes away, unless the function that is returned is called before; it is called in any
   * case, when the answer begins at the latest. Where it is there, it is used in the place of `signal` for what every request
   * needs: a signal costs more than all else of a call.
   */
  whenGone?(gone: () => void): () => void;
  /**
   * The whole body as text. An object that enforces the limit itself throws `body_too_large` as soon as more
   * than `maxBytes` have come in; a Web `Request` ignores the argument and is checked afterwards.
   */
  text(maxBytes?: number): Promise<string>;
}

/** Header access; `entries` is used only by handlers that look at the request. */
export interface EdgeHeaders {
  get(name: string): string | null;
  entries?(): Iterable<[string, string]>;
}

/** What only the adapter knows about the connection a request came in on. */
export interface RequestContext {
  /**
   * The body, when somebody has read it already: parsed, as it is then used; or its raw text, as a string or as
   * bytes. Default: it is still to be read.
   */
  readonly parsedBody?: unknown;
  /**
   * Whether the listening socket is bound to a loopback address. Then only loopback `Host` and `Origin` values
   * (and those named in `hosts` and `origins`) are served, which stops DNS rebinding.
   * @default false
   */
  readonly loopbackBind?: boolean;
  /**
   * The path under which a framework has mounted the handler, such as `/api`. The endpoint's path comes behind it,
   * unless the prefix ends with it already. Default: none.
   */
  readonly prefix?: string | undefined;
  /** The whole path of the endpoint, where a route says it exactly. Default: the option `endpoint`, behind `prefix`. */
  readonly endpoint?: string | undefined;
  /** Told who is calling, before the request goes on. Default: nobody. */
  readonly onAuthenticated?: (authInfo: AuthInfo) => void;
}

/** Headers by lower-case name; an array where a header is repeated, as `set-cookie` must be. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[]>>;

/** The answer of the flow, before an adapter writes it. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string | ReadableStream<Uint8Array> | null;
  /** How many bytes a text has as UTF-8, where that is known; else whoever needs it counts them. */
  readonly bytes?: number | undefined;
}

/** Tells the answer of a gate from its value. */
export function isAnswer(value: object): value is Answer {
  return 'status' in value && 'headers' in value && 'body' in value;
}

/** Calls `gone` once when the client of a request goes away, until the function that is returned is called. */
export function whenGone(request: EdgeRequest, gone: () => void): () => void {
  if (request.whenGone !== undefined) return request.whenGone(gone);
  const { signal } = request;
  if (signal === undefined) return NOTHING_TO_STOP;
  if (signal.aborted) {
    gone();
    return NOTHING_TO_STOP;
  }
  signal.addEventListener('abort', gone, { once: true });
  return () => {
    signal.removeEventListener('abort', gone);
  };
}

const NOTHING_TO_STOP = (): void => undefined;

/** The path of a request, without query and fragment; it never comes from the `Host` header. */
export function pathOf(url: string): string {
  let start = 0;
  if (!url.startsWith('/')) {
    const authority = url.indexOf('://');
    start = authority === -1 ? 0 : url.indexOf('/', authority + 3);
    if (start === -1) return '/';
  }
  for (let index = start; index < url.length; index += 1) {
    const code = url.charCodeAt(index);
    if (code === 63 || code === 35) return url.slice(start, index);
  }
  return url.slice(start);
}

/** Scheme and host of a request, as the client sees them unless a proxy changed the `Host` header. */
export function originOf(request: EdgeRequest): string {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  const scheme = url?.protocol ?? (request.secure === true ? 'https:' : 'http:');
  // What was checked counts, and a malformed host could bring a path of its own.
  const host = request.headers.get('host') ?? url?.host ?? '';
  return `${scheme}//${parseHost(host) === undefined ? 'localhost' : host}`;
}

/** The query of a request, without the question mark; empty when there is none. */
export function queryOf(url: string): string {
  const start = url.indexOf('?');
  if (start === -1) return '';
  const end = url.indexOf('#', start);
  return end === -1 ? url.slice(start + 1) : url.slice(start + 1, end);
}
