import type { Answer } from '../../../src/index.js';

/** One stream as its client sees it, over all the connections it has come back with. */
export class ClientChain {
  /** What was received, by event id: an event that is delivered again is the same one. */
  readonly received = new Map<string, string>();
  lastId: string | undefined;
  /** Whether a connection is open, as far as the client knows. */
  connected = false;
  /** Whether the answer to a call has come. */
  answered = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  /** Takes an answer of the tessera: a connection, or all there is. */
  take({ body }: Answer): void {
    if (!(body instanceof ReadableStream)) {
      if (body !== null && body !== '') this.#message(JSON.stringify(this.received.size), body);
      return;
    }
    this.connected = true;
    this.#reader = body.getReader();
    void this.#read(this.#reader);
  }

  async lose(): Promise<void> {
    await this.#reader?.cancel();
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      // Each event is written in one piece.
      const text = decoder.decode(value);
      const id = /^id: (.+)$/m.exec(text)?.[1];
      const data = /^data: (.+)$/m.exec(text)?.[1]?.trim() ?? '';
      if (id !== undefined) this.lastId = id;
      if (data !== '') this.#message(id ?? `without id ${String(this.received.size)}`, data);
    }
    if (this.#reader === reader) this.connected = false;
  }

  #message(id: string, json: string): void {
    const message = JSON.parse(json) as {
      readonly id?: number;
      readonly params?: { readonly data?: string };
      readonly result?: { readonly content?: { readonly text: string }[] };
    };
    if (message.id !== undefined) this.answered = true;
    this.received.set(id, message.params?.data ?? message.result?.content?.[0]?.text ?? json);
  }
}
