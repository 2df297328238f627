import type { FetchHandler } from '@tessera-mcp/core';

const EVENT_BYTES = 16_384;

/** A handler whose answer is an event stream that never ends by itself. */
export class EventSource implements FetchHandler {
  /** How many events were asked for. */
  asked = 0;
  cancelled = false;
  readonly #eventsAtMost: number;

  constructor({ eventsAtMost = Infinity }: { readonly eventsAtMost?: number } = {}) {
    this.#eventsAtMost = eventsAtMost;
  }

  fetch(): Response {
    const event = new TextEncoder().encode(`data: ${'x'.repeat(EVENT_BYTES)}\n\n`);
    const body = new ReadableStream<Uint8Array>({
      pull: async (sink) => {
        // A source that never waits would let nobody else have a turn.
        await new Promise((resolve) => setImmediate(resolve));
        if (this.asked >= this.#eventsAtMost) return new Promise(() => undefined);
        this.asked += 1;
        if (!this.cancelled) sink.enqueue(event);
      },
      cancel: () => {
        this.cancelled = true;
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }
}

/** Waits until a stream that nobody reads is asked for nothing more. */
export async function untilFull(source: EventSource): Promise<void> {
  for (let before = -1; before !== source.asked || before < 1;) {
    before = source.asked;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
