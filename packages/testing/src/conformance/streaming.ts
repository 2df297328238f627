import { expect } from 'vitest';
import { noise } from './bodies.js';
import { defineSuite, type Suite } from './check.js';
import { McpSession } from './fixtures/mcp-session.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { sampleTessera } from './fixtures/sample-tessera.js';
import { deferred } from './waiting.js';

type Controller = ReadableStreamDefaultController<Uint8Array>;

const encoder = new TextEncoder();

/** A handler that answers with a stream, and the end of that stream that the check holds. */
function streamed(): { handler: RecordingHandler; controller: Promise<Controller> } {
  const { promise, resolve } = deferred<Controller>();
  const handler = new RecordingHandler(
    () => new Response(new ReadableStream<Uint8Array>({ start: resolve }), { headers: { 'x-own': '1' } }),
  );
  return { handler, controller: promise };
}

export const streaming: Suite = defineSuite('Streaming', [
  {
    name: 'The headers of a stream arrive before its first chunk, and each chunk before the next one is there.',
    run: async (bench) => {
      const { handler, controller } = streamed();
      const { client } = await bench.mount(handler);
      const reply = await client.send();
      expect([reply.status, reply.header('x-own')]).toEqual([200, '1']);
      expect(reply.names()).not.toContain('content-length');
      const sink = await controller;
      for (const text of ['first', 'second']) {
        sink.enqueue(encoder.encode(text));
        expect((await reply.chunk())?.toString()).toBe(text);
      }
      sink.close();
      expect(await reply.text()).toBe('');
    },
  },
  {
    name: 'Chunks arrive in order, byte for byte.',
    run: async (bench) => {
      const bytes = noise(700_001);
      const handler = new RecordingHandler(() => {
        let offset = 0;
        const body = new ReadableStream<Uint8Array>({
          pull: (sink) => {
            const size = 1 + ((offset * 7) % 4001);
            sink.enqueue(bytes.slice(offset, offset + size));
            offset += size;
            if (offset >= bytes.length) sink.close();
          },
        });
        return new Response(body);
      });
      const { client } = await bench.mount(handler);
      expect((await (await client.send()).bytes()).equals(bytes)).toBe(true);
    },
  },
  {
    name: 'A stream that fails half-way does not look complete.',
    run: async (bench) => {
      const { handler, controller } = streamed();
      const { client } = await bench.mount(handler);
      const reply = await client.send();
      const sink = await controller;
      sink.enqueue(encoder.encode('half'));
      expect((await reply.chunk())?.toString()).toBe('half');
      sink.error(new Error('The stream has failed.'));
      const rest = await reply.text().then(
        (text) => `It ended with ${JSON.stringify(text)}, like a whole one.`,
        () => 'cut off',
      );
      expect(rest).toBe('cut off');
    },
  },
  {
    name: 'A stream that fails before its first chunk does not look complete.',
    run: async (bench) => {
      const { handler, controller } = streamed();
      const { client } = await bench.mount(handler);
      const asked = client.send();
      (await controller).error(new Error('The stream has failed.'));
      const seen = await asked.then(
        (reply) =>
          reply.status >= 500
            ? 'refused'
            : reply.text().then(
                (text) => `whole: ${text}`,
                () => 'cut off',
              ),
        () => 'cut off',
      );
      expect(['refused', 'cut off']).toContain(seen);
    },
  },
  {
    name: 'The GET stream of a tessera has the headers that keep it from being held back, and comes at once.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      const session = await McpSession.open(client);
      const stream = await session.listen();
      expect(stream.status).toBe(200);
      expect(stream.header('content-type')).toBe('text/event-stream');
      expect(stream.header('cache-control')).toBe('no-store, no-transform');
      expect(stream.header('x-accel-buffering')).toBe('no');
      expect(stream.names()).not.toContain('content-encoding');
      stream.abort();
    },
  },
]);
