import { vi } from 'vitest';

import type { Message } from '../../helpers/messages.js';

/** A server-sent event with everything a client sees of it. */
export interface SseEvent {
  readonly id?: string;
  readonly event?: string;
  readonly retry?: string;
  readonly data: string;
}

const WAIT = { timeout: 5000, interval: 5 };

/** Reads an event stream in the background and keeps its events whole, also those that carry no message. */
export class SseReader {
  readonly events: SseEvent[] = [];
  readonly response: Response;
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

  get messages(): Message[] {
    return this.events.filter(({ data }) => data !== '').map(({ data }) => JSON.parse(data) as Message);
  }

  /** What log messages said, in the order they came. */
  get said(): string[] {
    return this.messages.flatMap(({ method, params }) =>
      method === 'notifications/message' && params?.data !== undefined ? [params.data] : [],
    );
  }

  /** The id a client would come back with. */
  get lastId(): string {
    const id = this.events.findLast((event) => event.id !== undefined)?.id;
    if (id === undefined) throw new Error('No event had an id.');
    return id;
  }

  /** The id of the event whose log message said this. */
  idOf(text: string): string {
    const event = this.events.find(
      ({ data }) => data !== '' && (JSON.parse(data) as Message).params?.data === text,
    );
    if (event?.id === undefined) throw new Error(`Nothing with an id said "${text}".`);
    return event.id;
  }

  async untilSaid(...texts: string[]): Promise<void> {
    await vi.waitFor(() => {
      const missing = texts.filter((text) => !this.said.includes(text));
      if (missing.length > 0)
        throw new Error(`Missing: ${missing.join(', ')}. Said: ${this.said.join(', ')}.`);
    }, WAIT);
  }

  async untilEvents(count: number): Promise<void> {
    await vi.waitFor(() => {
      if (this.events.length < count) throw new Error(`Only ${JSON.stringify(this.events)}.`);
    }, WAIT);
  }

  async untilProgress(progress: number): Promise<void> {
    await this.until(({ params }) => params?.progress === progress);
  }

  async until(fits: (message: Message) => boolean): Promise<Message> {
    return vi.waitFor(() => {
      const message = this.messages.find(fits);
      if (message === undefined) throw new Error(`Not among ${JSON.stringify(this.messages)}.`);
      return message;
    }, WAIT);
  }

  async untilEnd(): Promise<void> {
    await vi.waitFor(() => {
      if (!this.ended) throw new Error('The stream is still open.');
    }, WAIT);
  }

  /** Goes away, as a client does that loses its connection. */
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
        const blocks = (waiting + decoder.decode(value, { stream: true })).split('\n\n');
        waiting = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block.split('\n'));
      }
    } catch (thrown) {
      this.failure = thrown;
    }
    this.ended = true;
  }

  #take(lines: readonly string[]): void {
    const fields = lines
      .filter((line) => !line.startsWith(':'))
      .map((line) => /^([^:]*):? ?(.*)$/s.exec(line)?.slice(1) ?? []);
    if (fields.length === 0) return;
    const { data = '', ...others } = Object.fromEntries(fields) as Partial<SseEvent>;
    this.events.push({ ...others, data });
  }
}

/** The parts of an event id. */
export function partsOf(id: string): { epoch: string; stream: string; seq: number; mac: string } {
  const [epoch = '', stream = '', seq = '', mac = ''] = id.split('.');
  return { epoch, stream, seq: Number(seq), mac };
}
