import { expect } from 'vitest';
import { noise } from './bodies.js';
import { defineSuite, type Check, type Suite } from './check.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { pause } from './waiting.js';

const MEBIBYTE = 1_048_576;

/** How long a handler takes after the head of its answer before it reads what it was sent, in milliseconds. */
const LATE_MS = 200;

/** A body that is not touched before somebody has waited for it a while. */
function readLate(body: ReadableStream<Uint8Array> | null): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (sink) => {
        if (reader === undefined) {
          await pause(LATE_MS);
          reader = body?.getReader();
        }
        const part = await reader?.read();
        if (part?.value === undefined) sink.close();
        else sink.enqueue(part.value);
      },
    },
    { highWaterMark: 0 },
  );
}

const lateReaders: readonly Check[] = [10, MEBIBYTE].map((size) => ({
  name: `An answer that begins to read the body of ${String(size)} bytes after its head was sent gets all of it.`,
  run: async (bench) => {
    const { client } = await bench.mount(
      new RecordingHandler((request) => new Response(readLate(request.body))),
    );
    const body = noise(size);
    for (const sent of [body, [body.slice(0, size / 2), body.slice(size / 2)]]) {
      const reply = await client.send({ method: 'POST', body: sent });
      expect(reply.status).toBe(200);
      expect((await reply.bytes()).equals(body)).toBe(true);
    }
  },
}));

export const bothDirections: Suite = defineSuite('Bodies that go both ways', [
  {
    name: 'A body that is given back as it comes in arrives whole, however large it is.',
    run: async (bench) => {
      const { client } = await bench.mount(new RecordingHandler((request) => new Response(request.body)));
      const body = noise(6 * MEBIBYTE);
      for (const sent of [body, Array.from({ length: 6 }, () => body.slice(0, MEBIBYTE))]) {
        const reply = await client.send({ method: 'POST', body: sent });
        const expected = sent instanceof Uint8Array ? sent : Buffer.concat(sent);
        expect((await reply.bytes()).equals(expected)).toBe(true);
      }
    },
  },
  ...lateReaders,
]);
