import { vi } from 'vitest';

import type { Id, Message } from './messages.js';

const WAIT = { timeout: 5000, interval: 5 };

/** A server-sent event with everything a client sees of it. */
export interface SseEvent {
  readonly id?: string;
  readonly event?: string;
  readonly retry?: string;
  readonly data: string;
}

/** Reads an event stream in the background and keeps what came. */
export class EventReader {
  /** All events, also those that carry no message. */
  readonly events: SseEvent[] = [];
  readonly messages: Message[] = [];
  readonly response: Response;
  comments = 0;
  ended = false;
  /** What broke the stream; undefined when it ended in order, or goes on. */
  failure: unknown;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(response: Response) {
    this.response = response;
    if (response.body === null) throw new Error('The answer has no body.');
    this.#reader = response.body.getReader();
    void this.#read();
  }

  /** Waits for the first message that fits. */
  async until(fits: (message: Message) => boolean): Promise<Message> {
    return vi.waitFor(() => {
      const message = this.messages.find(fits);
      if (message === undefined) throw new Error(`Not among ${JSON.stringify(this.messages)}.`);
      return message;
    }, WAIT);
  }

  async untilMethod(method: string): Promise<Message> {
    return this.until((message) => message.method === method);
  }

  /** Waits for the result or the error that answers a request. */
  async untilAnswer(id: Id): Promise<Message> {
    return this.until((message) => message.id === id && message.method === undefined);
  }

  count(method: string): number {
    return this.messages.filter((message) => message.method === method).length;
  }

  async untilEnd(): Promise<void> {
    await vi.waitFor(() => {
      if (!this.ended) throw new Error('The stream is still open.');
    }, WAIT);
  }

  /** Goes away, as a client does that closes its connection. */
  async leave(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let waiting = '';
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        const blocks = (waiting + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
        waiting = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block.split(/\r?\n/));
      }
    } catch (thrown) {
      // A connection that breaks ends the stream as well.
      this.failure = thrown;
    }
    this.ended = true;
  }

  #take(lines: readonly string[]): void {
    this.comments += lines.filter((line) => line.startsWith(':')).length;
    const fields = lines
      .filter((line) => !line.startsWith(':'))
      .map((line) => /^([^:]*):? ?(.*)$/s.exec(line)?.slice(1) ?? []);
    if (fields.length === 0) return;
    const { data = '', ...others } = Object.fromEntries(fields) as Partial<SseEvent>;
    this.events.push({ ...others, data });
    if (data === '') return;
    const parsed = JSON.parse(data) as Message | Message[];
    this.messages.push(...(Array.isArray(parsed) ? parsed : [parsed]));
  }
}

/** Media type of an answer, without parameters. */
export const mediaType = (response: Response): string | undefined =>
  response.headers.get('content-type')?.split(';')[0]?.trim();

/** All messages of an answer, whether it is a JSON body or an event stream that ends. */
export async function messagesOf(response: Response): Promise<Message[]> {
  if (mediaType(response) === 'text/event-stream') {
    const reader = new EventReader(response);
    await reader.untilEnd();
    return reader.messages;
  }
  const parsed = JSON.parse(await response.text()) as Message | Message[];
  return Array.isArray(parsed) ? parsed : [parsed];
}

/** The last message of an answer, which is the result of a call. */
export async function answerOf(response: Response): Promise<Message> {
  const message = (await messagesOf(response)).at(-1);
  if (message === undefined) throw new Error('The answer holds no message.');
  return message;
}

/** All of an answer that can tell two of them apart: its bytes, its headers but for the date, and its status. */
export async function wholeAnswer(response: Response): Promise<object> {
  const headers = [...response.headers].filter(([name]) => name !== 'date');
  // Ids of events are new in every stream.
  const body = (await response.text()).replaceAll(/^id: .*$/gm, 'id');
  return { status: response.status, headers, body };
}
