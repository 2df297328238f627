import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { lengthOf, writeBody, writeOrWait, type Client, type SendOptions, type Sending } from './client.js';
import { within } from '../waiting.js';
import { Reply } from './reply.js';

/** A client over HTTP/1.1. With `oneConnection`, all its requests use the same one, each after the other. */
export class Http1Client implements Client {
  readonly #origin: URL;
  readonly #agent: Agent;
  readonly #open = new Set<ClientRequest>();

  constructor(origin: string, { oneConnection }: { readonly oneConnection: boolean }) {
    this.#origin = new URL(origin);
    this.#agent = new Agent({ keepAlive: oneConnection, ...(oneConnection ? { maxSockets: 1 } : {}) });
  }

  send(options: SendOptions = {}): Promise<Reply> {
    const sending = this.#begin(options);
    writeBody(sending, options.body);
    return within(sending.reply, 'The head of the answer');
  }

  begin(options: Omit<SendOptions, 'body'> = {}): Sending {
    return this.#begin({ ...options, body: [] });
  }

  close(): void {
    for (const outgoing of this.#open) outgoing.destroy();
    this.#agent.destroy();
  }

  #begin({ method = 'GET', path = '/', headers = {}, body }: SendOptions): Sending {
    const { hostname, port, host } = this.#origin;
    // A list instead of an object keeps repeated names apart and adds no host.
    const list = Object.entries({ host, ...headers }).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : value).flatMap((one) => [name, one]),
    );
    const length = lengthOf(body);
    if (length !== undefined && headers['content-length'] === undefined) {
      list.push('content-length', String(length));
    }
    if (Array.isArray(body)) list.push('transfer-encoding', 'chunked');
    const outgoing = request({ hostname, port, method, path, headers: list, agent: this.#agent });
    this.#open.add(outgoing);
    outgoing.once('close', () => this.#open.delete(outgoing));
    return {
      reply: replyTo(outgoing),
      write: (chunk) => outgoing.write(chunk),
      writeSlowly: (chunk) => writeOrWait(outgoing, chunk),
      end: () => outgoing.end(),
      abort: () => outgoing.destroy(),
    };
  }
}

function replyTo(outgoing: ClientRequest): Promise<Reply> {
  const reply = new Promise<Reply>((resolve, reject) => {
    // An error after the reply has begun is told by its body.
    outgoing.on('error', reject);
    outgoing.once('response', (incoming) => {
      resolve(toReply(incoming, outgoing));
    });
  });
  // Whoever aborts a request need not wait for its reply.
  reply.catch(() => undefined);
  return reply;
}

function toReply(incoming: IncomingMessage, outgoing: ClientRequest): Reply {
  const ended = new Promise<void>((resolve, reject) => {
    incoming.once('end', resolve);
    incoming.on('error', reject);
    incoming.once('close', () => {
      if (!incoming.complete) reject(new Error('The connection closed before the body was complete.'));
    });
  });
  ended.catch(() => undefined);
  return new Reply({
    status: incoming.statusCode ?? 0,
    rawHeaders: incoming.rawHeaders,
    body: incoming,
    port: incoming.socket.localPort,
    ended,
    abort: () => outgoing.destroy(),
  });
}
