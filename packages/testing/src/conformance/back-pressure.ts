import { expect } from 'vitest';
import { defineSuite, type Suite } from './check.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { othersFirst, untilStill, within } from './waiting.js';

const MEBIBYTE = 1_048_576;
const CHUNK_BYTES = 65_536;
const ANSWER_BYTES = 64 * MEBIBYTE;

/** What the kernel's socket buffers may take in, with room to spare. */
const HELD_BYTES = 24 * MEBIBYTE;

/** How long a source must rest to count as held back; whoever ignores back-pressure never rests. */
const STILL_MS = 250;

export const backPressure: Suite = defineSuite('Back-pressure', [
  {
    name: 'A stream is not asked for much more than the client reads, and goes on when it does.',
    run: async (bench) => {
      let pulled = 0;
      const handler = new RecordingHandler(() => {
        const body = new ReadableStream<Uint8Array>({
          pull: async (sink) => {
            await othersFirst();
            sink.enqueue(new Uint8Array(CHUNK_BYTES).fill((pulled / CHUNK_BYTES) & 255));
            pulled += CHUNK_BYTES;
            if (pulled >= ANSWER_BYTES) sink.close();
          },
        });
        return new Response(body);
      });
      const { client } = await bench.mount(handler);
      const reply = await client.send();
      expect(await untilStill(() => pulled, STILL_MS)).toBeLessThan(HELD_BYTES);
      let received = 0;
      for (let chunk = await reply.chunk(); chunk !== undefined; chunk = await reply.chunk()) {
        for (const at of [0, chunk.length - 1]) {
          if (chunk[at] !== (Math.floor((received + at) / CHUNK_BYTES) & 255)) {
            throw new Error(`Byte ${String(received + at)} is not the one that was sent.`);
          }
        }
        received += chunk.length;
      }
      expect(received).toBe(ANSWER_BYTES);
      expect(pulled).toBe(ANSWER_BYTES);
    },
  },
  {
    name: 'An upload is not taken in faster than the handler reads it.',
    run: async (bench) => {
      let go = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        go = resolve;
      });
      const handler = new RecordingHandler(async (request) => {
        await held;
        let bytes = 0;
        const reader = request.body?.getReader();
        for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
          bytes += part.value.byteLength;
        }
        return new Response(String(bytes));
      });
      const { client } = await bench.mount(handler);
      const sending = client.begin({ method: 'POST' });
      let sent = 0;
      const chunk = new Uint8Array(CHUNK_BYTES);
      const upload = (async () => {
        for (; sent < ANSWER_BYTES; sent += CHUNK_BYTES) await sending.writeSlowly(chunk);
        sending.end();
      })();
      expect(await untilStill(() => sent, STILL_MS)).toBeLessThan(HELD_BYTES);
      go();
      await within(upload, 'The rest of the upload');
      const reply = await within(sending.reply, 'The answer');
      expect(await reply.text()).toBe(String(ANSWER_BYTES));
    },
  },
]);
