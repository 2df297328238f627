import { vi } from 'vitest';

import type { Message } from '../../helpers/messages.js';
import { EventReader } from '../../helpers/streams.js';

const WAIT = { timeout: 5000, interval: 5 };

/** Reads an event stream and knows what was said in it, and under which ids. */
export class SseReader extends EventReader {
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
}

/** The parts of an event id. */
export function partsOf(id: string): { epoch: string; stream: string; seq: number; mac: string } {
  const [epoch = '', stream = '', seq = '', mac = ''] = id.split('.');
  return { epoch, stream, seq: Number(seq), mac };
}
