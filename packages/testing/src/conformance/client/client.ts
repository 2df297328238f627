import { once, type EventEmitter } from 'node:events';
import type { Reply } from './reply.js';

/** Names and values; a list where a header is sent more than once. */
export type SentHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A request as it goes out: nothing is added to it but what the protocol asks for. */
export interface SendOptions {
  /** @default 'GET' */
  readonly method?: string;
  /** Path and query. @default '/' */
  readonly path?: string;
  /** With `host`, that is what is sent. Default: no more than the host. */
  readonly headers?: SentHeaders;
  /** Sent with its length; a list is sent in chunks without one. Default: none. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
}

/** A request that is being sent. */
export interface Sending {
  /** The reply, as soon as its headers are there. */
  readonly reply: Promise<Reply>;
  write(chunk: string | Uint8Array): void;
  /** The same, but resolves only when more can be written without piling up here. */
  writeSlowly(chunk: Uint8Array): Promise<void>;
  end(): void;
  /** Goes away, in HTTP/1 with the connection. */
  abort(): void;
}

/** A client of one app. */
export interface Client {
  /** Sends a request and gives the reply as soon as its headers are there. Rejects when they do not come. */
  send(options?: SendOptions): Promise<Reply>;
  /** Begins a request whose body is written by hand. */
  begin(options?: Omit<SendOptions, 'body'>): Sending;
  /** Ends every connection at once. */
  close(): void;
}

/** Writes the body that options name, in as many chunks as they name. */
export function writeBody(sending: Sending, body: SendOptions['body']): void {
  for (const chunk of chunksOf(body)) sending.write(chunk);
  sending.end();
}

/** The length to announce; undefined for chunks. */
export function lengthOf(body: SendOptions['body']): number | undefined {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : undefined;
}

function chunksOf(body: SendOptions['body']): readonly (string | Uint8Array)[] {
  if (body === undefined) return [];
  return typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
}

/** Writes to a stream of Node's, and waits while it is full. */
export async function writeOrWait(
  stream: EventEmitter & { write(chunk: Uint8Array): boolean },
  chunk: Uint8Array,
): Promise<void> {
  if (!stream.write(chunk)) await once(stream, 'drain');
}
