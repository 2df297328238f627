import { TesseraError } from '@tessera-mcp/core';
import { expect } from 'vitest';
import { defineSuite, type Suite } from './check.js';
import { McpSession, POST_HEADERS } from './fixtures/mcp-session.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { sampleTessera } from './fixtures/sample-tessera.js';
import { within } from './waiting.js';

const MEBIBYTE = 1_048_576;

/** Bytes of every value, in an order that repeats late. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >> 8) * 7) & 255;
  return bytes;
}

/** Gives back the body it gets. */
const echoing = (): RecordingHandler =>
  new RecordingHandler(async (request) => new Response(await request.arrayBuffer()));

/** Written again, both numbers would be others. */
const NOT_TO_BE_WRITTEN_AGAIN = '[-0,1e400]';

const JSON_TYPE = { 'content-type': 'application/json' };

export const bodies: Suite = defineSuite('Bodies', [
  {
    name: 'An empty body is empty.',
    run: async (bench) => {
      const { client } = await bench.mount(echoing());
      for (const body of ['', [], undefined]) {
        const reply = await client.send({ method: 'POST', ...(body === undefined ? {} : { body }) });
        expect(await reply.text()).toBe('');
      }
    },
  },
  {
    name: 'JSON arrives as it was sent.',
    run: async (bench) => {
      const handler = new RecordingHandler(async (request) => Response.json(await request.json()));
      const { client } = await bench.mount(handler);
      const reply = await client.send({ method: 'POST', headers: JSON_TYPE, body: '{"a":["é",null,1.5]}' });
      expect(await reply.json()).toEqual({ a: ['é', null, 1.5] });
    },
  },
  {
    name: 'A mebibyte of every byte value arrives as it was sent, and so does the answer.',
    run: async (bench) => {
      const { client } = await bench.mount(echoing());
      const body = noise(MEBIBYTE);
      const headers = { 'content-type': 'application/octet-stream' };
      const answer = await (await client.send({ method: 'PUT', headers, body })).bytes();
      expect(answer.equals(body)).toBe(true);
    },
  },
  {
    name: 'A body without a length arrives as it was sent.',
    run: async (bench) => {
      const { client } = await bench.mount(echoing());
      const body = Array.from({ length: 50 }, (_none, index) => `chunk ${String(index)};`);
      expect(await (await client.send({ method: 'POST', body })).text()).toBe(body.join(''));
    },
  },
  {
    name: 'A body is handed over while it comes in.',
    run: async (bench) => {
      const handler = new RecordingHandler((request) => new Response(request.body));
      const { client } = await bench.mount(handler);
      const sending = client.begin({ method: 'POST' });
      sending.write('first');
      const reply = await within(sending.reply, 'The head of the answer');
      expect((await reply.chunk())?.toString()).toBe('first');
      sending.write('second');
      expect((await reply.chunk())?.toString()).toBe('second');
      sending.end();
      expect(await reply.text()).toBe('');
    },
  },
  {
    name: 'Characters that are split between chunks arrive whole.',
    run: async (bench) => {
      const handler = new RecordingHandler(async (request) => new Response(await request.text()));
      const { client } = await bench.mount(handler);
      const bytes = Buffer.from('é€😀'.repeat(20));
      const body = Array.from(bytes, (_none, index) => bytes.subarray(index, index + 1));
      expect(await (await client.send({ method: 'POST', body })).text()).toBe('é€😀'.repeat(20));
    },
  },
  {
    name: 'A tessera reads characters that are split between chunks.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      const session = await McpSession.open(client);
      const call = { name: 'echo', arguments: { value: 'é€😀' } };
      const bytes = Buffer.from(
        JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: call }),
      );
      const body = Array.from(bytes, (_none, index) => bytes.subarray(index, index + 1));
      const reply = await client.send({ method: 'POST', path: '/mcp', headers: session.headers, body });
      expect(await reply.json()).toMatchObject({ result: { content: [{ text: 'é€😀' }] } });
    },
  },
  {
    name: 'A body that nobody reads does not keep the answer back, and the connection can be used again.',
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { origin } = await bench.mount(handler);
      const client = bench.client(origin, { oneConnection: true });
      const first = await client.send({ method: 'POST', body: noise(256 * 1024) });
      expect(await first.text()).toBe('ok');
      const second = await client.send({ path: '/again' });
      expect(await second.text()).toBe('ok');
      expect(second.port).toBe(first.port);
    },
  },
  {
    name: 'A GET that has a body is answered, and the connection can be used again.',
    run: async (bench) => {
      const mounts = [await bench.mount(new RecordingHandler()), await bench.mount(sampleTessera(bench))];
      for (const { origin } of mounts) {
        const client = bench.client(origin, { oneConnection: true });
        const replies = [];
        for (const body of [noise(100_000), ['in ', 'chunks']]) {
          const reply = await client.send({ path: '/mcp', body });
          await reply.bytes();
          replies.push(reply);
        }
        const next = await client.send({ path: '/mcp' });
        await next.bytes();
        const expected = origin === mounts[0]?.origin ? 200 : 401;
        expect([...replies, next].map(({ status }) => status)).toEqual([expected, expected, expected]);
        expect(new Set([...replies, next].map(({ port }) => port)).size).toBe(1);
      }
    },
  },
  {
    name: 'A handler that reads a part of the body and gives up answers all the same.',
    needs: ['halfReadBodies'],
    run: async (bench) => {
      const handler = new RecordingHandler(async (request) => {
        const reader = request.body?.getReader();
        await reader?.read();
        await reader?.cancel();
        return new Response('enough');
      });
      const { origin } = await bench.mount(handler);
      const client = bench.client(origin, { oneConnection: true });
      expect(await (await client.send({ method: 'POST', body: noise(512 * 1024) })).text()).toBe('enough');
      expect(await (await client.send({ method: 'POST', body: 'x' })).text()).toBe('enough');
    },
  },
  {
    name: 'A body that is larger than the tessera takes is refused with 413, with a length or without.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench, { limits: { bodyBytes: 1000 } }));
      const text = 'x'.repeat(1001);
      for (const body of [text, [text.slice(0, 600), text.slice(600)]]) {
        const reply = await client.send({ method: 'POST', path: '/mcp', headers: POST_HEADERS, body });
        expect(reply.status).toBe(413);
        expect(await reply.json()).toHaveProperty('error');
      }
      await McpSession.open(client);
    },
  },
  {
    name: 'A client that is still sending a body that is too large gets to read the refusal.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      for (const body of [noise(3 * MEBIBYTE), Array.from({ length: 48 }, () => noise(65_536))]) {
        const reply = await client.send({ method: 'POST', path: '/mcp', headers: POST_HEADERS, body });
        expect(reply.status).toBe(413);
        expect(await reply.json()).toHaveProperty('error');
      }
      const refused = await client.send({ method: 'POST', path: '/mcp', body: noise(3 * MEBIBYTE) });
      expect([refused.status, await refused.json()]).toEqual([401, expect.anything()]);
    },
  },
  {
    name: 'A tessera uses what a parser in front has made of the body, and does not write it again.',
    needs: ['parsedBodies'],
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench), { parseBodies: true });
      const session = await McpSession.open(client);
      for (const [index, sent] of ['-0', '1e400', '"text"'].entries()) {
        const body = `{"jsonrpc":"2.0","id":${String(index)},"method":"tools/call","params":{"name":"echo","arguments":{"value":${sent}}}}`;
        const text = ['-0', 'Infinity', 'text'][index];
        expect(await (await session.post(body)).json()).toMatchObject({ result: { content: [{ text }] } });
      }
    },
  },
  {
    name: 'A handler finds what a parser in front has made of the body in its context.',
    needs: ['parsedBodies'],
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler, { parseBodies: true });
      const body = `{"values":${NOT_TO_BE_WRITTEN_AGAIN}}`;
      expect(await (await client.send({ method: 'POST', headers: JSON_TYPE, body })).text()).toBe('ok');
      const { parsedBody } = handler.contexts[0] ?? {};
      // A framework may keep the raw text instead.
      const parsed: unknown = typeof parsedBody === 'string' ? JSON.parse(parsedBody) : parsedBody;
      expect(parsed).toEqual({ values: [-0, Infinity] });
    },
  },
  {
    name: 'A body that a parser has consumed cannot be read again, and the error says so.',
    needs: ['parsedBodies'],
    run: async (bench) => {
      const found: unknown[] = [];
      const handler = new RecordingHandler(async (request) => {
        found.push(await request.text().catch((error: unknown) => error));
        return new Response('ok');
      });
      const { client } = await bench.mount(handler, { parseBodies: true });
      await (await client.send({ method: 'POST', headers: JSON_TYPE, body: '{"a":1}' })).text();
      const [error] = found;
      // A framework that stands on Web standards says it in the words of the Fetch Standard.
      if (TesseraError.isInstance(error)) expect(error.code).toBe('body_already_read');
      else expect(error).toBeInstanceOf(TypeError);
    },
  },
  {
    name: 'Bodies that the parser in front does not read reach the handler.',
    needs: ['parsedBodies'],
    run: async (bench) => {
      const { client } = await bench.mount(echoing(), { parseBodies: true });
      const headers = { 'content-type': 'application/octet-stream' };
      const body = noise(10_000);
      expect((await (await client.send({ method: 'POST', headers, body })).bytes()).equals(body)).toBe(true);
    },
  },
  {
    name: 'JSON that the parser in front cannot read is answered by the framework.',
    needs: ['parsedBodies'],
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler, { parseBodies: true });
      const reply = await client.send({ method: 'POST', headers: JSON_TYPE, body: '{"a":' });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      await reply.bytes();
      expect(handler.requests).toHaveLength(0);
    },
  },
]);
