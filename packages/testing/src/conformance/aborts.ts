import { expect } from 'vitest';
import { defineSuite, type Check, type Suite } from './check.js';
import { McpSession, POST_HEADERS, toolCall } from './fixtures/mcp-session.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { sampleTessera } from './fixtures/sample-tessera.js';
import { collectGarbage, othersFirst, pause, until } from './waiting.js';

/** How long after a check an unhandled rejection may still be told. */
const SETTLING_MS = 20;

/** The same check, which also fails when a promise of the process rejects and nobody looks. */
function withoutUnhandledRejections(check: Check): Check {
  return {
    ...check,
    run: async (bench) => {
      const unhandled: unknown[] = [];
      const note = (reason: unknown): void => {
        unhandled.push(reason);
      };
      process.on('unhandledRejection', note);
      try {
        await check.run(bench);
        await pause(SETTLING_MS);
      } finally {
        process.off('unhandledRejection', note);
      }
      expect(unhandled).toEqual([]);
    },
  };
}

/** Never answers by itself. */
const silent = (): Promise<Response> => new Promise(() => undefined);

const checks: readonly Check[] = [
  {
    name: "A client that leaves before the answer fires the request's signal.",
    run: async (bench) => {
      const handler = new RecordingHandler(silent);
      const { client } = await bench.mount(handler);
      const sending = client.begin();
      sending.end();
      await until(() => handler.requests.length === 1, 'The request');
      expect(handler.last.signal.aborted).toBe(false);
      sending.abort();
      await until(() => handler.last.signal.aborted, "The request's signal");
    },
  },
  {
    name: 'The signal fires also when a handler has kept nothing else of the request.',
    run: async (bench) => {
      let fired = 0;
      let asked = 0;
      const handler = {
        fetch: ({ signal }: Request): Promise<Response> => {
          asked += 1;
          signal.addEventListener('abort', () => {
            fired += 1;
          });
          return silent();
        },
      };
      const { client } = await bench.mount(handler);
      const sending = client.begin();
      sending.end();
      await until(() => asked === 1, 'The request');
      await pause(SETTLING_MS);
      collectGarbage();
      await pause(SETTLING_MS);
      sending.abort();
      await until(() => fired === 1, "The request's signal");
    },
  },
  {
    name: 'A client that leaves during a stream ends the stream and fires the signal.',
    run: async (bench) => {
      let cancelled = false;
      const handler = new RecordingHandler(() => {
        const body = new ReadableStream<Uint8Array>({
          start: (sink) => {
            sink.enqueue(new Uint8Array(10));
          },
          cancel: () => {
            cancelled = true;
          },
        });
        return new Response(body);
      });
      const { client } = await bench.mount(handler);
      const reply = await client.send();
      await reply.chunk();
      reply.abort();
      await until(() => cancelled, 'The end of the stream');
      await until(() => handler.last.signal.aborted, "The request's signal");
    },
  },
  {
    name: 'A client that leaves without having read what came ends the stream.',
    run: async (bench) => {
      let cancelled = false;
      let pulled = 0;
      const handler = new RecordingHandler(() => {
        const body = new ReadableStream<Uint8Array>({
          pull: async (sink) => {
            await othersFirst();
            pulled += 1;
            sink.enqueue(new Uint8Array(65_536));
          },
          cancel: () => {
            cancelled = true;
          },
        });
        return new Response(body);
      });
      const { client } = await bench.mount(handler);
      const reply = await client.send();
      await until(() => pulled > 1, 'The second chunk');
      reply.abort();
      await until(() => cancelled, 'The end of the stream');
    },
  },
  {
    name: 'A stream whose answer comes after its client has left is ended.',
    run: async (bench) => {
      let cancelled = false;
      const answers: ((response: Response) => void)[] = [];
      const handler = new RecordingHandler(() => new Promise((resolve) => answers.push(resolve)));
      const { client } = await bench.mount(handler);
      const sending = client.begin();
      sending.end();
      await until(() => answers.length === 1, 'The request');
      sending.abort();
      await until(() => handler.last.signal.aborted, "The request's signal");
      const body = new ReadableStream<Uint8Array>({
        cancel: () => {
          cancelled = true;
        },
      });
      answers[0]?.(new Response(body));
      await until(() => cancelled, 'The end of the stream');
    },
  },
  {
    name: 'A client that leaves while it uploads fires the signal, and the body does not look complete.',
    run: async (bench) => {
      const bodies: string[] = [];
      const handler = new RecordingHandler(async (request) => {
        bodies.push(
          await request.text().then(
            () => 'whole',
            () => 'cut off',
          ),
        );
        return new Response('ok');
      });
      const { client } = await bench.mount(handler);
      const sending = client.begin({ method: 'POST' });
      sending.write('a part');
      await until(() => handler.requests.length === 1, 'The request');
      sending.abort();
      await until(() => bodies.length === 1, 'The end of the body');
      expect(bodies).toEqual(['cut off']);
      await until(() => handler.last.signal.aborted, "The request's signal");
    },
  },
  {
    name: 'An answer that has arrived does not fire the signal.',
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { origin } = await bench.mount(handler);
      const client = bench.client(origin, { oneConnection: true });
      for (const body of [undefined, 'text']) {
        const method = body === undefined ? 'GET' : 'POST';
        const reply = await client.send({ method, ...(body === undefined ? {} : { body }) });
        expect(await reply.text()).toBe('ok');
      }
      await pause(SETTLING_MS);
      expect(handler.requests.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    },
  },
  {
    name: 'The GET stream of a client that has left a tessera is released.',
    run: async (bench) => {
      const tessera = sampleTessera(bench);
      const { client } = await bench.mount(tessera);
      const session = await McpSession.open(client);
      const stream = await session.listen();
      expect([stream.status, tessera.getStats().openStreams]).toEqual([200, 1]);
      stream.abort();
      await until(() => tessera.getStats().openStreams === 0, 'The release of the stream');
      expect(tessera.getStats().activeSessions).toBe(1);
    },
  },
  {
    name: 'Streams of other requests go on when one client leaves, also on the same connection.',
    run: async (bench) => {
      const tessera = sampleTessera(bench);
      const { client } = await bench.mount(tessera);
      const leaving = await McpSession.open(client);
      const staying = await McpSession.open(client);
      const left = await leaving.listen();
      const kept = await staying.listen();
      left.abort();
      await until(() => tessera.getStats().openStreams === 1, 'The release of the stream');
      await (await staying.post(toolCall(8, 'announce', 'still here'))).bytes();
      expect(await kept.textTo('still here')).toContain('"method":"notifications/message"');
      kept.abort();
    },
  },
  {
    name: 'Uploads to a tessera that are given up leave nothing behind.',
    run: async (bench) => {
      const tessera = sampleTessera(bench);
      const handled: number[] = [];
      const internal: unknown[] = [];
      tessera.on('requestHandled', ({ status }) => handled.push(status));
      tessera.on('internalError', (event) => internal.push(event));
      const { client } = await bench.mount(tessera);
      const session = await McpSession.open(client);
      const before = handled.length;
      for (let upload = 1; upload <= 3; upload += 1) {
        const sending = client.begin({
          method: 'POST',
          path: '/mcp',
          headers: { ...POST_HEADERS, 'mcp-session-id': session.id },
        });
        sending.write(toolCall(7, 'echo').slice(0, 20));
        await pause(SETTLING_MS);
        sending.abort();
        await until(() => handled.length === before + upload, 'The end of the request');
      }
      expect(internal).toEqual([]);
      expect(tessera.getStats()).toMatchObject({ activeSessions: 1, callsInFlight: 0, openStreams: 0 });
      expect(await session.echo('still here')).toHaveProperty('result');
    },
  },
];

export const aborts: Suite = defineSuite('Clients that leave', checks.map(withoutUnhandledRejections));
