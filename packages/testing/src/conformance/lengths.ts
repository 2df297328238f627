import { expect } from 'vitest';
import { defineSuite, type Check, type Suite } from './check.js';
import { sendRawHttp1 } from './client/raw-http1.js';
import { RecordingHandler } from './fixtures/recording-handler.js';

/** What could be taken for another answer on the same connection. */
const FORGED = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged';

/** Bodies, and the length that is named for each, which is not theirs. */
const WRONG: Readonly<Record<string, { readonly length: number; readonly chunks: readonly string[] }>> = {
  'is longer than its length says': { length: 4, chunks: ['four', FORGED] },
  'is longer in one piece than its length says': { length: 4, chunks: [`four${FORGED}`] },
  'is shorter than its length says': { length: 200, chunks: ['four'] },
  'is empty, against what its length says': { length: 200, chunks: [] },
};

function streamOf(chunks: readonly string[]): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream<Uint8Array>({
    pull: (sink) => {
      const chunk = rest.shift();
      if (chunk === undefined) sink.close();
      else sink.enqueue(new TextEncoder().encode(chunk));
    },
  });
}

const wrong: readonly Check[] = Object.entries(WRONG).map(([what, { length, chunks }]) => ({
  name: `A stream that ${what} does not run into the next answer of its connection.`,
  needs: ['http1', 'checkedAnswers'],
  run: async (bench) => {
    const handler = new RecordingHandler(({ url }) =>
      url.endsWith('/next')
        ? new Response('next')
        : new Response(streamOf(chunks), { headers: { 'content-length': String(length) } }),
    );
    const { origin } = await bench.mount(handler);
    const { host } = new URL(origin);
    const answers = await sendRawHttp1(
      origin,
      `GET /wrong HTTP/1.1\r\nhost: ${host}\r\n\r\n` +
        `GET /next HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
    );
    // What is wrong may also end the connection, before anything of it is sent or later.
    const [first, ...others] = answers.map(({ body }) => body);
    // Sent without the length, the text that looks like an answer is a part of the body.
    expect((first ?? '').replace(FORGED, '')).not.toContain('HTTP/1.1');
    expect([[], ['next']]).toContainEqual(others);
  },
}));

export const lengths: Suite = defineSuite('Lengths that handlers name', [
  {
    name: 'A length that a handler names is kept.',
    run: async (bench) => {
      const handler = new RecordingHandler(
        () => new Response('four', { headers: { 'content-length': '4' } }),
      );
      const { client } = await bench.mount(handler);
      const reply = await client.send();
      expect(reply.header('content-length')).toBe('4');
      expect(await reply.text()).toBe('four');
    },
  },
  ...wrong,
]);
