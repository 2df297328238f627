import type { Readable } from 'node:stream';
import { within } from '../waiting.js';

/** What a client makes a reply of. */
export interface ReplyParts {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Readable;
  /** The port of the connection at the client's end: the same for the same connection. */
  readonly port: number | undefined;
  /** Resolves when the body has ended; rejects when it was cut off. */
  readonly ended: Promise<void>;
  readonly abort: () => void;
}

/** An answer as it came over the wire; its body is not read before somebody asks for it. */
export class Reply {
  readonly status: number;
  readonly port: number | undefined;
  /** Goes away without the rest. */
  readonly abort: () => void;
  readonly #headers = new Map<string, string[]>();
  readonly #body: Readable;
  readonly #ended: Promise<void>;
  #chunks: AsyncIterator<Buffer> | undefined;

  constructor({ status, rawHeaders, body, port, ended, abort }: ReplyParts) {
    this.status = status;
    this.port = port;
    this.abort = abort;
    this.#body = body;
    this.#ended = ended;
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = (rawHeaders[index] ?? '').toLowerCase();
      const values = this.#headers.get(name) ?? [];
      values.push(rawHeaders[index + 1] ?? '');
      this.#headers.set(name, values);
    }
  }

  /** A header's value, those of a repeated one joined; undefined when it is not there. */
  header(name: string): string | undefined {
    return this.#headers.get(name)?.join(', ');
  }

  /** A header's values, as they came. */
  values(name: string): readonly string[] {
    return this.#headers.get(name) ?? [];
  }

  /** The names of all headers, in lower case. */
  names(): string[] {
    return [...this.#headers.keys()];
  }

  /** The next part of the body; undefined at its end. */
  async chunk(): Promise<Buffer | undefined> {
    this.#chunks ??= this.#body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const part = await within(this.#chunks.next(), 'The next part of the body');
    if (part.done !== true) return part.value;
    await within(this.#ended, 'The end of the body');
    return undefined;
  }

  /** The rest of the body. Rejects when it was cut off. */
  async bytes(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (let chunk = await this.chunk(); chunk !== undefined; chunk = await this.chunk()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** The rest of the body as text. */
  async text(): Promise<string> {
    return (await this.bytes()).toString('utf8');
  }

  /** The rest of the body as JSON. */
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  /** The body up to a text in it, which must come; what came in the same part behind it belongs to it. */
  async textTo(marker: string): Promise<string> {
    const chunks: Buffer[] = [];
    for (;;) {
      const chunk = await this.chunk();
      if (chunk === undefined) throw new Error(`The body ended before ${JSON.stringify(marker)} came.`);
      chunks.push(chunk);
      const text = Buffer.concat(chunks).toString('utf8');
      if (text.includes(marker)) return text;
    }
  }
}
