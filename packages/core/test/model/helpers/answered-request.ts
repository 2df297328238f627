import type { Answer } from '../../../src/index.js';

/** A JSON-RPC message, as loosely as the model needs it. */
interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: { readonly content?: { readonly text?: string }[]; readonly isError?: boolean };
  readonly error?: { readonly code: number; readonly message: string };
}

/** A request on its way through the tessera, and all that came of it. */
export class AnsweredRequest {
  readonly description: string;
  /** The JSON-RPC id of its call; undefined when it is none. */
  readonly callId: number | undefined;
  status: number | undefined;
  sessionId: string | undefined;
  readonly messages: Message[] = [];
  /** Whether everything has come that will. */
  complete = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(description: string, callId?: number) {
    this.description = description;
    this.callId = callId;
  }

  /** Whether it was answered with a stream that goes on. */
  get streaming(): boolean {
    return this.#reader !== undefined && !this.complete;
  }

  /** What the tool has answered, or the error in its place. */
  get outcome(): string | undefined {
    const response = this.responses[0];
    return response?.error?.message ?? response?.result?.content?.[0]?.text;
  }

  /** Messages that answer its call; there must never be two. */
  get responses(): readonly Message[] {
    return this.messages.filter(({ id, method }) => id === this.callId && method === undefined);
  }

  /** Takes the answer, and reads what streams of it in the background. */
  take(answer: Answer): void {
    this.status = answer.status;
    const id = answer.headers['mcp-session-id'];
    if (typeof id === 'string') this.sessionId = id;
    const { body } = answer;
    if (body instanceof ReadableStream) {
      this.#reader = body.getReader();
      void this.#read(this.#reader);
      return;
    }
    if (body !== null && body !== '') this.messages.push(JSON.parse(body) as Message);
    this.complete = true;
  }

  /** Goes away, as a client does that closes its connection. */
  leave(): void {
    void this.#reader?.cancel();
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      // Each event is written in one piece.
      const data = /^data: (.+)$/m.exec(decoder.decode(value))?.[1];
      if (data !== undefined && data.trim() !== '') this.messages.push(JSON.parse(data) as Message);
    }
    this.complete = true;
  }
}
