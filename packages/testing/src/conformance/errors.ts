import { expect } from 'vitest';
import { defineSuite, type Check, type Suite } from './check.js';
import { RecordingHandler, type Answering } from './fixtures/recording-handler.js';
import { until } from './waiting.js';

const SECRET = 'the password is hunter2';

const FAILURES: Readonly<Record<string, Answering>> = {
  'throws an error': () => {
    throw new Error(SECRET);
  },
  'rejects with an error': () => Promise.reject(new Error(SECRET)),
  'after a while rejects with an error': async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error(SECRET);
  },
  'throws something that is no error': () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- programs do
    throw SECRET;
  },
  'rejects with nothing': () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- programs do
    return Promise.reject();
  },
  'returns nothing': () => undefined as unknown as Response,
  'returns a response that cannot be sent': () => Response.error(),
};

const unwritable: Check = {
  name: 'An answer whose headers cannot be written is answered with 500, and its stream is ended.',
  needs: ['http1', 'checkedAnswers'],
  run: async (bench) => {
    let ended = 0;
    const handler = new RecordingHandler(({ url }) => {
      if (url.endsWith('/fine')) return new Response('fine');
      const body = new ReadableStream<Uint8Array>({
        cancel: () => {
          ended += 1;
        },
      });
      return new Response(body, { headers: { 'x-unwritable': 'a\u0001b' } });
    });
    const { origin } = await bench.mount(handler);
    const client = bench.client(origin, { oneConnection: true });
    for (const [index, method] of ['GET', 'POST', 'HEAD'].entries()) {
      const reply = await client.send({ method, path: '/x' });
      expect([method, reply.status]).toEqual([method, 500]);
      expect(await reply.text()).not.toMatch(/\bat .+node:/);
      await until(() => ended === index + 1, 'The end of the stream');
    }
    expect(await (await client.send({ path: '/fine' })).text()).toBe('fine');
  },
};

export const errors: Suite = defineSuite('Errors', [
  unwritable,
  ...Object.entries(FAILURES).flatMap(([what, fail]): Check[] => [
    {
      name: `A plain handler that ${what} is answered by the framework's own error handling.`,
      needs: ['besides', 'prefixes'],
      run: async (bench) => {
        const { client } = await bench.mount(new RecordingHandler(fail), { prefix: '/api' });
        const expected = await client.send({ path: '/failing' });
        await expected.bytes();
        for (const method of ['GET', 'POST']) {
          const reply = await client.send({
            method,
            path: '/api/x',
            ...(method === 'POST' ? { body: 'unread' } : {}),
          });
          expect(reply.status).toBe(500);
          await reply.bytes();
          // Frameworks may treat differently what is no error.
          if (!what.endsWith('an error')) continue;
          expect(reply.header('content-type')).toBe(expected.header('content-type'));
          expect(reply.header('x-before')).toBe('1');
        }
        expect((await client.send({ path: '/beside' })).status).toBe(200);
      },
    },
    {
      name: `A plain handler that ${what} is answered with 500, and the client learns nothing of the reason.`,
      needs: ['nothingBesides'],
      run: async (bench) => {
        const { client } = await bench.mount(new RecordingHandler(fail));
        const reply = await client.send({ path: '/x' });
        expect(reply.status).toBe(500);
        const text = await reply.text();
        expect(text).not.toContain(SECRET);
        expect(text).not.toMatch(/\bat .+:\d+:\d+/);
      },
    },
  ]),
]);
