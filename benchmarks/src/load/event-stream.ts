import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** A stream of events that stays open, and on which one kind of message is waited for. */
export class EventStream {
  readonly #socket: Socket;
  readonly #mark: string;
  #text = '';
  #isOpen = false;
  /** How often the message has come since `forget()`. */
  heard = 0;
  /** When it came first, in nanoseconds of the clock that all processes share. */
  heardAt = 0n;
  /** When anything came last. */
  lastAt = 0n;

  private constructor(socket: Socket, mark: string) {
    this.#socket = socket;
    this.#mark = mark;
  }

  /**
   * Asks for a stream; resolves when its head has come.
   *
   * @param mark what the awaited message holds, and no other
   * @throws Error when it is no stream of events
   */
  static open(port: number, request: Buffer, mark: string): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      const stream = new EventStream(socket, mark);
      socket.setNoDelay(true);
      socket.setEncoding('latin1');
      socket.once('connect', () => socket.write(request));
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('The stream was closed before it was open.'));
      });
      socket.on('data', (text: string) => {
        if (stream.#take(text)) resolve(stream);
        else if (!stream.#isOpen && stream.#text.includes(HEAD_END)) {
          reject(new Error(`It is no stream of events: ${stream.#text.slice(0, 300)}`));
          socket.destroy();
        }
      });
    });
  }

  /** Begins to count anew. */
  forget(): void {
    this.heard = 0;
    this.heardAt = 0n;
  }

  /** Closes it at once. */
  close(): void {
    this.#socket.destroy();
  }

  /** Takes what has come; true when the stream is open by it. */
  #take(text: string): boolean {
    this.lastAt = process.hrtime.bigint();
    this.#text += text;
    if (!this.#isOpen) {
      if (!/^HTTP\/1\.1 200 [\s\S]*\r\ncontent-type: *text\/event-stream[\s\S]*\r\n\r\n/i.test(this.#text))
        return false;
      this.#isOpen = true;
      this.#text = this.#text.slice(this.#text.indexOf(HEAD_END) + HEAD_END.length);
      this.#count();
      return true;
    }
    this.#count();
    return false;
  }

  #count(): void {
    for (let at = this.#text.indexOf(this.#mark); at !== -1; at = this.#text.indexOf(this.#mark)) {
      if (this.heard === 0) this.heardAt = this.lastAt;
      this.heard += 1;
      this.#text = this.#text.slice(at + this.#mark.length);
    }
    // The mark may come in two parts.
    if (this.#text.length > this.#mark.length) this.#text = this.#text.slice(-this.#mark.length);
  }
}
