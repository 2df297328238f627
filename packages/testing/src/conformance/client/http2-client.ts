import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { lengthOf, writeBody, writeOrWait, type Client, type SendOptions, type Sending } from './client.js';
import { within } from '../waiting.js';
import { Reply } from './reply.js';

/** A client over cleartext HTTP/2 with prior knowledge; all its requests share one connection. */
export class Http2Client implements Client {
  readonly #session: ClientHttp2Session;

  constructor(origin: string) {
    this.#session = connect(origin, { maxSessionMemory: 100 });
    // Each request is told of the connection's end.
    this.#session.on('error', () => undefined);
  }

  send(options: SendOptions = {}): Promise<Reply> {
    const sending = this.#begin(options);
    if (options.body !== undefined) writeBody(sending, options.body);
    return within(sending.reply, 'The head of the answer');
  }

  begin(options: Omit<SendOptions, 'body'> = {}): Sending {
    return this.#begin({ ...options, body: [] });
  }

  close(): void {
    this.#session.destroy();
  }

  #begin({ method = 'GET', path = '/', headers = {}, body }: SendOptions): Sending {
    const { host, ...others } = headers;
    const sent: OutgoingHttpHeaders = { ':method': method, ':path': path };
    if (typeof host === 'string') sent[':authority'] = host;
    for (const [name, value] of Object.entries(others))
      sent[name] = typeof value === 'string' ? value : [...value];
    const length = lengthOf(body);
    if (length !== undefined && others['content-length'] === undefined) sent['content-length'] = length;
    const stream = this.#session.request(sent, { endStream: body === undefined });
    return {
      reply: replyTo(stream, this.#session),
      write: (chunk) => stream.write(chunk),
      writeSlowly: (chunk) => writeOrWait(stream, chunk),
      end: () => stream.end(),
      abort: () => {
        goAway(stream);
      },
    };
  }
}

function replyTo(stream: ClientHttp2Stream, session: ClientHttp2Session): Promise<Reply> {
  const ended = endOf(stream);
  const reply = new Promise<Reply>((resolve, reject) => {
    stream.on('error', reject);
    stream.once('close', () => {
      reject(new Error('The stream closed before a reply came.'));
    });
    stream.once('response', (_headers, _flags, rawHeaders: string[] = []) => {
      const status = rawHeaders[rawHeaders.indexOf(':status') + 1];
      resolve(
        new Reply({
          status: Number(status),
          rawHeaders: withoutPseudoHeaders(rawHeaders),
          body: stream,
          port: session.socket.localPort,
          ended,
          abort: () => {
            goAway(stream);
          },
        }),
      );
    });
  });
  reply.catch(() => undefined);
  return reply;
}

/** Resets a stream with the code CANCEL. Its method `close` would first end the body, which then looks whole. */
function goAway(stream: ClientHttp2Stream): void {
  stream.destroy(Object.assign(new Error('The client went away.'), { name: 'AbortError' }));
}

/** A stream that was reset looks to its reader like one that has ended; only its code tells. */
function endOf(stream: ClientHttp2Stream): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    stream.on('error', reject);
    stream.once('close', () => {
      const { rstCode, aborted } = stream;
      if (rstCode === constants.NGHTTP2_NO_ERROR && !aborted) resolve();
      else reject(new Error(`The stream was reset with code ${String(rstCode)}.`));
    });
  });
  ended.catch(() => undefined);
  return ended;
}

function withoutPseudoHeaders(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_value, index) => rawHeaders[index - (index % 2)]?.startsWith(':') === false);
}
