import type { FetchHandler } from '@tessera-mcp/core';

/** An adapter, as the suite wants to see it. */
export interface AdapterUnderTest {
  /** What the tests are called, such as `Express 5`. */
  readonly name: string;
  /**
   * Mounts a handler in a fresh app of the framework, and listens on 127.0.0.1 at a free port.
   *
   * Unless the capability `besides` is false, the app also has: a route `GET /beside` that answers 200 with the text
   * `beside`; a route `GET /failing` whose handler throws, which the framework's own error handling answers; and, in
   * front of everything, something that sets the headers of the option `before`.
   *
   * @param mountable a tessera, or a plain `{ fetch }`
   */
  mount(mountable: FetchHandler, options: MountOptions): Promise<Mounted>;
  /** What differs from the defaults. */
  readonly capabilities?: Partial<AdapterCapabilities>;
}

/** How a handler is mounted. */
export interface MountOptions {
  /** Empty for the root, or as a user writes one: `/api`, `/api/`. */
  readonly prefix: string;
  /** Whether the framework's own JSON parser comes before the handler. */
  readonly parseBodies: boolean;
  /** The headers that something in front of everything sets, by name. */
  readonly before: Readonly<Record<string, string>>;
}

/** An app that listens. */
export interface Mounted {
  /** Scheme, host and port, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** Ends the tessera and the app as a user would; resolves when every connection is gone. */
  close(): Promise<void>;
}

/** What an adapter can do; what it cannot is shown as skipped. */
export interface AdapterCapabilities {
  /** What the app speaks; `http2` is cleartext HTTP/2 with prior knowledge. @default 'http1' */
  readonly protocol: 'http1' | 'http2';
  /** Whether there are routes beside the handler, middleware before it, and errors that the framework answers. @default true */
  readonly besides: boolean;
  /** Whether a parser in front can have read the body. @default true */
  readonly parsedBodies: boolean;
  /** Whether a handler can be mounted below a prefix. @default true */
  readonly prefixes: boolean;
  /** Whether the adapter sees repeated headers apart, and refuses two of those that may come once. @default true */
  readonly duplicateHeaders: boolean;
  /**
   * Whether a tessera that is mounted below a prefix also answers for its metadata documents, which are at the root of
   * the origin. @default false
   */
  readonly documentsAtRoot: boolean;
  /**
   * Whether a handler may give up a body half-way. Some servers end the connection then, and the answer with it.
   * @default true
   */
  readonly halfReadBodies: boolean;
  /**
   * Whether an answer that is a text has its length. A server that gets every body as a stream does not know it.
   * @default true
   */
  readonly textLengths: boolean;
  /**
   * Whether a handler below a prefix is asked only for paths that are written so. Some servers resolve `..` before
   * anybody else sees the path. @default true
   */
  readonly writtenPaths: boolean;
  /**
   * Whether answers are checked when they are written: one with a malformed header is refused, and a body of another
   * length than its headers name ends the connection. Some servers write whatever they get. @default true
   */
  readonly checkedAnswers: boolean;
  /**
   * Malformed requests that the framework or its server refuses itself, before the handler sees them. Their answers must
   * have the status of the tessera's, and nothing else of it. @default []
   */
  readonly refusedBefore: readonly Malformed[];
}

/** What a framework may refuse by itself: a malformed `Host` with 400, a malformed `Content-Type` with 415. */
export type Malformed = 'host' | 'contentType';

/** What applies where an adapter says nothing else. */
export const DEFAULT_CAPABILITIES: AdapterCapabilities = Object.freeze({
  protocol: 'http1',
  besides: true,
  parsedBodies: true,
  prefixes: true,
  duplicateHeaders: true,
  documentsAtRoot: false,
  halfReadBodies: true,
  textLengths: true,
  writtenPaths: true,
  checkedAnswers: true,
  refusedBefore: [],
});
