import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import {
  bodyAlreadyRead,
  bodyIncomplete,
  duplicateHeaderAnswer,
  joinPaths,
  type FetchHandler,
  type RequestContext,
} from '@tessera-mcp/core';
import { listening, type AdapterUnderTest, type MountOptions } from '../../src/conformance.js';

/** What a mount can be made to do wrong. */
export type Defect =
  | 'addsCors'
  | 'allowsRepeatedHeaders'
  | 'joinsCookies'
  | 'ignoresBackPressure'
  | 'discardsBodiesEarly'
  | 'neverFiresTheSignal'
  | 'writesBodiesAgain'
  | 'buffersStreams'
  | 'dropsAHeader'
  | 'dropsEarlierHeaders'
  | 'endsFailedStreams'
  | 'leaksErrors'
  | 'takesNeighbours'
  | 'losesTheQuery'
  | 'keepsStreamsOpen'
  | 'forgetsTheBodyOfHead'
  | 'leavesIdleBodies'
  | 'splitsCharacters'
  | 'takesOtherRoutes'
  | 'followsWindingPaths'
  | 'trustsLengths'
  | 'forgetsUnwritableStreams'
  | 'replacesCookies'
  | 'prefersHandle'
  | 'trustsTheHost'
  | 'remembersCallers'
  | 'tellsSessionsApart';

type Defects = ReadonlySet<Defect>;

/** A small app of its own on `node:http`, whose mount does everything right but for its defects. */
export function referenceAdapter(
  ...defects: readonly Defect[]
): AdapterUnderTest & { readonly origins: string[] } {
  const origins: string[] = [];
  return {
    name: 'reference',
    capabilities: { documentsAtRoot: true },
    origins,
    mount: async (mountable, options) => {
      const mount = new ReferenceMount(mountable, options, new Set(defects));
      const server = createServer((incoming, outgoing) => {
        for (const [name, value] of Object.entries(options.before)) outgoing.setHeader(name, value);
        mount.answer(incoming, outgoing).catch((error: unknown) => {
          fail(outgoing, defects.includes('leaksErrors') ? error : undefined);
        });
      });
      const mounted = await listening(server, mountable);
      origins.push(mounted.origin);
      return mounted;
    },
  };
}

const SINGLE = ['authorization', 'mcp-session-id', 'mcp-protocol-version', 'origin'];

class ReferenceMount {
  readonly #mountable: FetchHandler;
  readonly #prefix: string;
  readonly #parseBodies: boolean;
  readonly #defects: Defects;
  /** Who came with a session id first. */
  readonly #callers = new Map<string, string>();

  constructor(mountable: FetchHandler, { prefix, parseBodies }: MountOptions, defects: Defects) {
    this.#mountable = mountable;
    this.#prefix = prefix === '' ? '' : joinPaths(prefix);
    this.#parseBodies = parseBodies;
    this.#defects = defects;
  }

  async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = (incoming.url ?? '/').replace(/\?.*/, '');
    const repeated = SINGLE.find((name) => (incoming.headersDistinct[name]?.length ?? 0) > 1);
    if (this.#isOwn(path)) {
      if (repeated !== undefined && !this.#defects.has('allowsRepeatedHeaders')) {
        const { status, headers, body } = duplicateHeaderAnswer(repeated);
        outgoing.writeHead(status, headers as Record<string, string>).end(body as string);
      } else await this.#serve(incoming, outgoing);
    } else if (path === '/beside' && incoming.method === 'GET') outgoing.end('beside');
    else if (path === '/failing') throw new Error('failing');
    else outgoing.writeHead(404, { 'content-type': 'text/plain' }).end('Nothing here');
  }

  #isOwn(path: string): boolean {
    const isBelow = this.#prefix === '' || path === this.#prefix || path.startsWith(`${this.#prefix}/`);
    if (this.#defects.has('takesNeighbours') && path.startsWith(this.#prefix)) return true;
    if (this.#defects.has('takesOtherRoutes')) return isBelow;
    const isWinding = new URL(path, 'http://localhost').pathname !== path;
    if (isWinding && !this.#defects.has('followsWindingPaths')) return false;
    return this.#mountable.serves?.(path, { prefix: this.#prefix }) ?? isBelow;
  }

  #ask(request: Request, context: RequestContext): unknown {
    const { handle } = this.#mountable as { handle?: (request: Request, context: RequestContext) => unknown };
    if (handle !== undefined && this.#defects.has('prefersHandle')) return handle(request, context);
    return this.#mountable.fetch(request, context);
  }

  /** Takes whoever comes with a session id for the one who came with it first, or says that it has come before. */
  #recognise(incoming: IncomingMessage, outgoing: ServerResponse): string | undefined {
    const { authorization = '', 'mcp-session-id': session } = incoming.headers;
    if (typeof session !== 'string') return undefined;
    const first = this.#callers.get(session) ?? authorization;
    this.#callers.set(session, first);
    const isForeign = first !== authorization;
    if (this.#defects.has('tellsSessionsApart') && isForeign) outgoing.setHeader('x-session', 'foreign');
    return this.#defects.has('remembersCallers') ? first : undefined;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const caller = this.#recognise(incoming, outgoing);
    const context: { prefix: string; loopbackBind: boolean; parsedBody?: unknown } = {
      prefix: this.#prefix,
      loopbackBind: true,
    };
    let body: ReadableStream<Uint8Array> | string | undefined;
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD') body = bodyOf(incoming, this.#defects);
    if (this.#parseBodies && incoming.headers['content-type']?.startsWith('application/json') === true) {
      const text = await textOf(incoming);
      const parsed: unknown = JSON.parse(text);
      if (this.#defects.has('writesBodiesAgain')) body = JSON.stringify(parsed);
      else {
        context.parsedBody = parsed;
        body = consumedBody();
      }
    }
    const request = toRequest(incoming, outgoing, { body, caller, defects: this.#defects });
    const response: unknown = await this.#ask(request, context);
    if (!(response instanceof Response)) throw new TypeError('The handler gave no response.');
    if (this.#defects.has('discardsBodiesEarly')) incoming.resume();
    await write(response, outgoing, this.#defects);
    // What nobody has read would stand in the way of the connection's next request.
    if (!this.#defects.has('leavesIdleBodies')) incoming.resume();
  }
}

interface RequestParts {
  readonly body: ReadableStream<Uint8Array> | string | undefined;
  /** What goes on as `Authorization` in place of what came. */
  readonly caller: string | undefined;
  readonly defects: Defects;
}

function toRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { body, caller, defects }: RequestParts,
): Request {
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished && !defects.has('neverFiresTheSignal')) gone.abort();
  });
  const headers = new Headers();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
  }
  if (caller !== undefined) headers.set('authorization', caller);
  const { host = '' } = incoming.headers;
  // Anything else would not stay where it belongs in an address.
  const isPlain = /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`);
  const url = new URL(
    `http://${isPlain || defects.has('trustsTheHost') ? host : 'localhost'}${incoming.url ?? '/'}`,
  );
  if (defects.has('losesTheQuery')) url.search = '';
  const init = { method: incoming.method ?? 'GET', headers, signal: gone.signal };
  const request = new Request(
    url,
    body === undefined ? init : ({ ...init, body, duplex: 'half' } as RequestInit),
  );
  // Undici forgets to fire the signal of a request that nobody holds.
  outgoing.once('close', () => request.signal.aborted);
  return request;
}

function bodyOf(incoming: IncomingMessage, defects: Defects): ReadableStream<Uint8Array> {
  const chunks = incoming.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>(
    {
      pull: async (sink) => {
        const part = await chunks.next().catch(() => undefined);
        if (part === undefined) throw bodyIncomplete();
        const { done, value } = part as IteratorResult<Buffer, undefined>;
        if (done === true) sink.close();
        else sink.enqueue(defects.has('splitsCharacters') ? Buffer.from(value.toString('utf8')) : value);
      },
      cancel: async () => {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

function consumedBody(): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: () => {
        throw bodyAlreadyRead();
      },
    },
    { highWaterMark: 0 },
  );
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function write(response: Response, outgoing: ServerResponse, defects: Defects): Promise<void> {
  if (defects.has('dropsEarlierHeaders')) outgoing.removeHeader('x-before');
  if (defects.has('addsCors')) outgoing.setHeader('access-control-allow-origin', '*');
  try {
    setHeaders(response.headers, outgoing, defects);
  } catch (error) {
    if (!defects.has('forgetsUnwritableStreams')) await response.body?.cancel();
    throw error;
  }
  outgoing.statusCode = response.status;
  if (outgoing.req.method === 'HEAD' && !defects.has('forgetsTheBodyOfHead')) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  if (response.body === null) {
    outgoing.end();
    return;
  }
  if (defects.has('buffersStreams')) {
    outgoing.end(Buffer.from(await response.arrayBuffer()));
    return;
  }
  if (response.headers.get('content-type') === 'application/json') {
    const text = await response.text();
    outgoing.setHeader('content-length', Buffer.byteLength(text));
    outgoing.end(text);
    return;
  }
  // Node then fails when the body has another length.
  outgoing.strictContentLength = !defects.has('trustsLengths');
  if (outgoing.req.method === 'HEAD') outgoing.flushHeaders();
  // Unlike `flushHeaders`, this does not write their characters as UTF-8.
  outgoing.write('', 'latin1');
  await pump(response.body, outgoing, defects);
}

function setHeaders(headers: Headers, outgoing: ServerResponse, defects: Defects): void {
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || (name === 'cache-control' && defects.has('dropsAHeader'))) continue;
    if (name === 'vary') outgoing.appendHeader(name, value);
    else outgoing.setHeader(name, value);
  }
  const cookies = headers.getSetCookie();
  if (cookies.length === 0) return;
  if (defects.has('replacesCookies')) outgoing.removeHeader('set-cookie');
  outgoing.appendHeader('set-cookie', defects.has('joinsCookies') ? cookies.join(', ') : cookies);
}

async function pump(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
  defects: Defects,
): Promise<void> {
  const reader = body.getReader();
  const onGone = (): void => {
    if (!outgoing.writableFinished) reader.cancel().catch(() => undefined);
  };
  const isClosed = once(outgoing, 'close').then(onGone, onGone);
  if (outgoing.destroyed) onGone();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const isFull = !outgoing.write(part.value);
      if (isFull && !defects.has('ignoresBackPressure')) {
        await Promise.race([new Promise((resolve) => outgoing.once('drain', resolve)), isClosed]);
      }
    }
    if (!defects.has('keepsStreamsOpen')) outgoing.end();
  } catch {
    if (defects.has('endsFailedStreams')) outgoing.end();
    else outgoing.destroy();
  }
}

function fail(outgoing: ServerResponse, shown: unknown): void {
  if (outgoing.headersSent) outgoing.destroy();
  else outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(toText(shown));
}

function toText(shown: unknown): string {
  if (shown === undefined) return 'Internal Server Error';
  return shown instanceof Error ? (shown.stack ?? shown.message) : JSON.stringify(shown);
}
