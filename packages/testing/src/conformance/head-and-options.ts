import { expect } from 'vitest';
import type { SentHeaders } from './client/client.js';
import { defineSuite, type Suite } from './check.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { ALLOWED_ORIGIN, sampleTessera } from './fixtures/sample-tessera.js';
import { othersFirst, until } from './waiting.js';

const DOCUMENTS: readonly string[] = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
];

const preflight = (origin: string): SentHeaders => ({
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization, content-type, mcp-session-id',
});

export const headAndOptions: Suite = defineSuite('HEAD and OPTIONS', [
  {
    name: 'HEAD and OPTIONS of the endpoint are answered by the tessera, with what it knows instead.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      for (const method of ['HEAD', 'OPTIONS', 'PUT', 'PATCH']) {
        const reply = await client.send({ method, path: '/mcp' });
        expect(reply.status, method).toBe(405);
        expect(reply.header('allow'), method).toBe('GET, POST, DELETE');
        const text = await reply.text();
        if (method === 'HEAD') expect(text).toBe('');
        else expect(JSON.parse(text)).toHaveProperty('error');
      }
    },
  },
  {
    name: 'HEAD of a metadata document has the headers of GET and no body; a wrong method is told what there is.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      for (const path of DOCUMENTS) {
        const get = await client.send({ path });
        expect([get.status, get.header('content-type')], path).toEqual([200, 'application/json']);
        await get.bytes();
        const head = await client.send({ method: 'HEAD', path });
        expect([head.status, await head.text()], path).toEqual([200, '']);
        for (const name of ['content-type', 'cache-control', 'access-control-allow-origin']) {
          expect(head.header(name), `${name} of ${path}`).toBe(get.header(name));
        }
        const posted = await client.send({ method: 'POST', path });
        expect([posted.status, posted.header('allow')], path).toEqual([405, 'GET, HEAD']);
        await posted.bytes();
      }
    },
  },
  {
    name: 'Any page may ask for the metadata documents.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      for (const path of DOCUMENTS) {
        const reply = await client.send({
          method: 'OPTIONS',
          path,
          headers: preflight('https://any.example.org'),
        });
        expect([reply.status, reply.header('access-control-allow-origin')], path).toEqual([204, '*']);
        expect(await reply.text()).toBe('');
      }
    },
  },
  {
    name: 'A preflight from an allowed origin is answered, one from another origin is refused.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      const allowed = await client.send({
        method: 'OPTIONS',
        path: '/mcp',
        headers: preflight(ALLOWED_ORIGIN),
      });
      expect([allowed.status, await allowed.text()]).toEqual([204, '']);
      expect(allowed.header('access-control-allow-origin')).toBe(ALLOWED_ORIGIN);
      expect(allowed.header('access-control-allow-methods')).toBe('GET, POST, DELETE, OPTIONS');
      expect(allowed.header('access-control-allow-headers')).toContain('mcp-session-id');
      expect(allowed.header('vary')).toBe('Origin');
      const refused = await client.send({
        method: 'OPTIONS',
        path: '/mcp',
        headers: preflight('https://evil.example.com'),
      });
      expect(refused.status).toBe(403);
      expect(refused.names()).not.toContain('access-control-allow-origin');
      await refused.bytes();
    },
  },
  {
    name: 'HEAD of a plain handler has its headers and no body, whatever the handler answers.',
    run: async (bench) => {
      const handler = new RecordingHandler(
        () =>
          new Response('a body', { status: 203, headers: { 'x-own': '1', 'content-type': 'text/plain' } }),
      );
      const { origin } = await bench.mount(handler);
      const client = bench.client(origin, { oneConnection: true });
      for (let time = 0; time < 2; time += 1) {
        const reply = await client.send({ method: 'HEAD', path: '/x' });
        expect([reply.status, reply.header('x-own'), reply.header('content-type')]).toEqual([
          203,
          '1',
          'text/plain',
        ]);
        expect(await reply.text()).toBe('');
        expect(handler.last.method).toBe('HEAD');
      }
      expect(await (await client.send({ path: '/x' })).text()).toBe('a body');
    },
  },
  {
    name: 'HEAD of a plain handler ends the stream that nobody will read.',
    run: async (bench) => {
      let isOver = false;
      const handler = new RecordingHandler(() => {
        const body = new ReadableStream<Uint8Array>({
          pull: async (sink) => {
            await othersFirst();
            sink.enqueue(new Uint8Array(65_536));
          },
          cancel: () => {
            isOver = true;
          },
        });
        return new Response(body, { headers: { 'x-own': '1', 'content-length': '1000000000' } });
      });
      const { origin } = await bench.mount(handler);
      // With a length, Node's client keeps the connection; its end would be the end of the stream too.
      const client = bench.client(origin, { oneConnection: true });
      const reply = await client.send({ method: 'HEAD' });
      expect(reply.header('x-own')).toBe('1');
      expect(await reply.text()).toBe('');
      await until(() => isOver, 'The end of the stream');
    },
  },
  {
    name: 'OPTIONS reaches a plain handler.',
    run: async (bench) => {
      const handler = new RecordingHandler(
        () => new Response(null, { status: 204, headers: { allow: 'GET' } }),
      );
      const { client } = await bench.mount(handler);
      const reply = await client.send({ method: 'OPTIONS', path: '/x' });
      expect([reply.status, reply.header('allow')]).toEqual([204, 'GET']);
      expect(handler.last.method).toBe('OPTIONS');
      await reply.bytes();
    },
  },
]);
