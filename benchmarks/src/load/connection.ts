import { connect, type Socket } from 'node:net';
import { unchunk } from './chunks.js';

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  /** The value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The body as text, without what HTTP puts around it. */
  readonly body: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/**
 * One connection that stays open, with one request at a time: as little as can be between a workload and a server. It knows
 * bodies with a length, bodies in chunks, and none.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer = EMPTY;
  #head: string | undefined;
  #bodyAt = 0;
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#take(chunk);
      } catch (thrown) {
        this.#waiting?.reject(thrown as Error);
        socket.destroy();
      }
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#waiting?.reject(new Error('The connection was closed before its answer had come.'));
    });
    socket.on('error', () => undefined);
  }

  /** Connects to a port of 127.0.0.1. */
  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  /** Sends a request and waits for its whole answer. */
  ask(request: Buffer): Promise<Answer> {
    if (this.#closed) return Promise.reject(new Error('The connection is closed.'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  /** Closes it at once. */
  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.#head === undefined) {
      const end = this.#received.indexOf(HEAD_END);
      if (end === -1) return;
      this.#head = this.#received.toString('latin1', 0, end);
      this.#bodyAt = end + HEAD_END.length;
    }
    const head = this.#head;
    const length = numberAfter(head, /\r\ncontent-length: *(\d+)/i);
    if (length !== undefined || !/\r\ntransfer-encoding: *chunked/i.test(head)) {
      const until = this.#bodyAt + (length ?? 0);
      if (this.#received.length >= until)
        this.#finish(this.#received.toString('utf8', this.#bodyAt, until), until);
      return;
    }
    const body = unchunk(this.#received, this.#bodyAt);
    if (body !== undefined) this.#finish(body.text, body.end);
  }

  #finish(body: string, end: number): void {
    const head = this.#head ?? '';
    const waiting = this.#waiting;
    this.#received = this.#received.length === end ? EMPTY : this.#received.subarray(end);
    this.#head = undefined;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), header: (name) => headerOf(head, name), body });
  }
}

function numberAfter(head: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(head)?.[1];
  return found === undefined ? undefined : Number(found);
}

function headerOf(head: string, name: string): string | undefined {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return undefined;
}
