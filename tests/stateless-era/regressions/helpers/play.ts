import { createTessera, type Logger, type Tessera, type TesseraOptions } from '@tessera-mcp/core';

import { closeLater } from '../../../session-era/helpers/cleanup.js';

/** A JSON-RPC answer, as loosely as a test needs it. */
export interface Said {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: {
    readonly content?: { readonly text: string }[];
    readonly isError?: boolean;
    readonly resultType?: string;
    readonly requestState?: string;
    readonly inputRequests?: Record<string, unknown>;
    readonly tools?: { readonly name: string }[];
    readonly cacheScope?: string;
    readonly ttlMs?: number;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

/** One request of the stateless era. */
export interface Post {
  readonly token: string;
  readonly method: string;
  readonly params?: Record<string, unknown>;
  readonly clientName?: string;
  readonly capabilities?: object;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly progressToken?: string;
  /** The body itself, where it is none that a client would send. */
  readonly body?: string;
  /** Whether the SDK's own handler must look at it. */
  readonly unusual?: boolean;
}

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

const PREFIX = 'io.modelcontextprotocol/';
const VERSION = '2026-07-28';

/** A token that every policy lets pass. */
export const tokenOf = (name: string): string => `${name}-`.padEnd(48, 'x');

/** A tessera that is closed after the test. */
export function tesseraWith(options: TesseraOptions = {}): Tessera {
  const tessera = createTessera({ logger: SILENT, ...options });
  closeLater(() => tessera.close());
  return tessera;
}

/** Sends a request, and gives the response as it comes. */
export function post(tessera: Tessera, given: Post): Promise<Response> {
  const { token, method, params = {}, clientName = 'client', capabilities = {}, headers, signal } = given;
  const { progressToken } = given;
  const name = params['name'] ?? params['uri'];
  const meta = {
    [`${PREFIX}protocolVersion`]: VERSION,
    [`${PREFIX}clientInfo`]: { name: clientName, version: '1' },
    [`${PREFIX}clientCapabilities`]: capabilities,
    ...(progressToken === undefined ? {} : { progressToken }),
    ...(given.unusual === true ? { 'example.com/unusual': true } : {}),
  };
  const message = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } };
  return tessera.fetch(
    new Request('http://localhost/mcp', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': VERSION,
        'mcp-method': method,
        ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
        ...headers,
      },
      body: given.body ?? JSON.stringify(message),
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

/** All messages of a response, once it has ended. */
export async function messagesIn(response: Response): Promise<Said[]> {
  const text = await response.text();
  if (response.headers.get('content-type') !== 'text/event-stream') return [JSON.parse(text) as Said];
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Said);
}

/** The answer to a request. */
export async function answerTo(tessera: Tessera, given: Post): Promise<Said> {
  const answer = (await messagesIn(await post(tessera, given))).at(-1);
  if (answer === undefined) throw new Error('There was no answer.');
  return answer;
}

/** A call of a tool. */
export function callOf(token: string, name: string, rest: Partial<Post> = {}): Post {
  return { token, method: 'tools/call', ...rest, params: { name, arguments: {}, ...rest.params } };
}

/** The text a call has come to. */
export function textOf({ result }: Said): string | undefined {
  return result?.content?.[0]?.text;
}

/** What an open stream has said so far. */
export class Listening {
  readonly said: Said[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  over = false;

  constructor(response: Response) {
    if (response.body === null) throw new Error('There is no stream.');
    this.#reader = response.body.getReader();
    closeLater(() => this.#reader.cancel());
    void this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) break;
      for (const line of decoder.decode(value).split('\n'))
        if (line.startsWith('data: ')) this.said.push(JSON.parse(line.slice('data: '.length)) as Said);
    }
    this.over = true;
  }
}
