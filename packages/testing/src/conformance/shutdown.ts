import { expect } from 'vitest';
import { defineSuite, type Suite } from './check.js';
import { McpSession } from './fixtures/mcp-session.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { sampleTessera } from './fixtures/sample-tessera.js';
import { within } from './waiting.js';

export const shutdown: Suite = defineSuite('Shutdown', [
  {
    name: 'An app with an open GET stream and an idle connection closes, and the client sees the stream end.',
    run: async (bench) => {
      const tessera = sampleTessera(bench);
      const app = await bench.mount(tessera);
      const idle = bench.client(app.origin, { oneConnection: true });
      await (await idle.send({ path: '/mcp' })).bytes();
      const session = await McpSession.open(app.client);
      const stream = await session.listen();
      expect(stream.status).toBe(200);
      const heard = stream.text();
      await within(app.close(), 'The end of the app');
      expect(await heard).toContain('The server is shutting down.');
      expect(tessera.getStats()).toMatchObject({ activeSessions: 0, openStreams: 0 });
      await expect(bench.client(app.origin).send()).rejects.toThrow();
    },
  },
  {
    name: 'An app whose handler is not a tessera closes when nothing is going on.',
    run: async (bench) => {
      const app = await bench.mount(new RecordingHandler());
      const idle = bench.client(app.origin, { oneConnection: true });
      expect(await (await idle.send()).text()).toBe('ok');
      await within(app.close(), 'The end of the app');
      await expect(bench.client(app.origin).send()).rejects.toThrow();
    },
  },
  {
    name: 'An answer that is being written when the app closes arrives whole.',
    run: async (bench) => {
      let finish = (): void => undefined;
      const handler = new RecordingHandler(() => {
        const body = new ReadableStream<Uint8Array>({
          start: (sink) => {
            sink.enqueue(new TextEncoder().encode('first '));
            finish = () => {
              sink.enqueue(new TextEncoder().encode('last'));
              sink.close();
            };
          },
        });
        return new Response(body);
      });
      const app = await bench.mount(handler);
      const reply = await app.client.send();
      expect((await reply.chunk())?.toString()).toBe('first ');
      const closed = app.close();
      finish();
      expect(await reply.text()).toBe('last');
      await within(closed, 'The end of the app');
    },
  },
]);
