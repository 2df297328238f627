import { expect } from 'vitest';
import { defineSuite, type Suite } from './check.js';
import { sendRawHttp2 } from './client/raw-http2.js';
import { McpSession, POST_HEADERS } from './fixtures/mcp-session.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { ALLOWED_ORIGIN, SAMPLE_TOKEN, sampleTessera } from './fixtures/sample-tessera.js';

const MANY = 60;

const BEARER = `Bearer ${SAMPLE_TOKEN}`;

/** Headers that decide something, each with two values of which a check might see one and a handler the other. */
const TWICE: Readonly<Record<string, readonly string[]>> = {
  authorization: [BEARER, BEARER],
  'mcp-session-id': ['one', 'two'],
  'mcp-protocol-version': ['2025-11-25', '2025-06-18'],
  origin: [ALLOWED_ORIGIN, 'https://evil.example.com'],
};

/** What a list of header names holds. */
const namesIn = (list = ''): string[] =>
  list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .sort();

export const headers: Suite = defineSuite('Headers', [
  {
    name: 'A request header that is repeated reaches the handler as one value.',
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler);
      await (await client.send({ headers: { 'x-part': ['one', 'two', 'three'] } })).text();
      expect(handler.last.headers.get('x-part')).toBe('one, two, three');
    },
  },
  {
    name: 'Request headers with an empty value are there.',
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler);
      await (await client.send({ headers: { 'x-empty': '' } })).text();
      expect(handler.last.headers.get('x-empty')).toBe('');
      expect(handler.last.headers.get('x-missing')).toBe(null);
    },
  },
  {
    name: 'Many request headers arrive.',
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler);
      const names = Array.from({ length: MANY }, (_none, index) => `x-header-${String(index)}`);
      const sent = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
      await (await client.send({ headers: sent })).text();
      for (const name of names) expect(handler.last.headers.get(name)).toBe(sent[name]);
    },
  },
  {
    name: 'Characters of Latin-1 survive in request headers and in headers of the answer.',
    run: async (bench) => {
      const handler = new RecordingHandler(
        (request) => new Response('', { headers: { 'x-name': request.headers.get('x-name') ?? '' } }),
      );
      const { client } = await bench.mount(handler);
      const reply = await client.send({ headers: { 'x-name': 'Zoë ÿ' } });
      expect(handler.last.headers.get('x-name')).toBe('Zoë ÿ');
      expect(reply.header('x-name')).toBe('Zoë ÿ');
    },
  },
  {
    name: 'Several cookies are set apart, in order.',
    run: async (bench) => {
      const cookies = ['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'a=3; HttpOnly'];
      const handler = new RecordingHandler(() => {
        const set = new Headers();
        for (const cookie of cookies) set.append('set-cookie', cookie);
        return new Response('ok', { headers: set });
      });
      const { client } = await bench.mount(handler);
      const reply = await client.send();
      expect(reply.values('set-cookie')).toEqual(cookies);
      await reply.bytes();
    },
  },
  {
    name: 'Headers of the answer arrive, empty ones and many of them, also with an answer that has no body.',
    run: async (bench) => {
      const names = Array.from({ length: MANY }, (_none, index) => `x-header-${String(index)}`);
      const set = { 'x-empty': '', ...Object.fromEntries(names.map((name) => [name, `value of ${name}`])) };
      const handler = new RecordingHandler((request) =>
        request.method === 'DELETE'
          ? new Response(null, { status: 204, headers: set })
          : new Response('ok', { headers: set }),
      );
      const { client } = await bench.mount(handler);
      for (const method of ['GET', 'DELETE']) {
        const reply = await client.send({ method });
        await reply.bytes();
        for (const [name, value] of Object.entries(set)) expect(reply.header(name), name).toBe(value);
      }
    },
  },
  {
    name: 'A header that middleware has set before stays, beside those of a handler and of a tessera.',
    needs: ['besides'],
    run: async (bench) => {
      const plain = await bench.mount(
        new RecordingHandler(() => new Response('ok', { headers: { 'x-own': '2' } })),
      );
      const reply = await plain.client.send();
      expect([reply.header('x-before'), reply.header('x-own'), await reply.text()]).toEqual(['1', '2', 'ok']);
      const { client } = await bench.mount(sampleTessera(bench));
      const refused = await client.send({ method: 'POST', path: '/mcp' });
      expect([refused.status, refused.header('x-before')]).toEqual([401, '1']);
      expect(refused.header('www-authenticate')).toContain('Bearer');
      await refused.bytes();
      const session = await McpSession.open(client);
      const stream = await session.listen();
      expect([stream.status, stream.header('x-before')]).toEqual([200, '1']);
      stream.abort();
    },
  },
  {
    name: 'Cookies and Vary that middleware has set before stay beside those of a handler and of a tessera.',
    needs: ['besides'],
    run: async (bench) => {
      const before = { 'set-cookie': 'before=1; Path=/', vary: 'X-Before' };
      const handler = new RecordingHandler(() => {
        const set = new Headers({ vary: 'Accept-Encoding' });
        for (const cookie of ['own=1; Path=/', 'own=2; HttpOnly']) set.append('set-cookie', cookie);
        return new Response('ok', { headers: set });
      });
      const plain = await bench.mount(handler, { before });
      const reply = await plain.client.send();
      expect(await reply.text()).toBe('ok');
      expect(reply.values('set-cookie')).toEqual(['before=1; Path=/', 'own=1; Path=/', 'own=2; HttpOnly']);
      expect(namesIn(reply.header('vary'))).toEqual(['accept-encoding', 'x-before']);
      const { client } = await bench.mount(sampleTessera(bench), { before });
      const refused = await client.send({
        method: 'POST',
        path: '/mcp',
        headers: { origin: ALLOWED_ORIGIN },
      });
      await refused.bytes();
      expect([refused.status, refused.values('set-cookie')]).toEqual([401, ['before=1; Path=/']]);
      expect(namesIn(refused.header('vary'))).toEqual(['authorization', 'origin', 'x-before']);
    },
  },
  {
    name: 'Headers that belong to an HTTP/1 connection are left out.',
    needs: ['http2'],
    run: async (bench) => {
      const handler = new RecordingHandler(
        () =>
          new Response('ok', {
            headers: { connection: 'keep-alive', 'keep-alive': 'timeout=5', upgrade: 'h3', 'x-own': '1' },
          }),
      );
      const { client } = await bench.mount(handler);
      const reply = await client.send();
      expect(await reply.text()).toBe('ok');
      expect(reply.header('x-own')).toBe('1');
      for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'proxy-connection']) {
        expect(reply.names()).not.toContain(name);
      }
    },
  },
  {
    name: 'A text of a tessera has its length in bytes, a stream has none.',
    needs: ['textLengths'],
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      const session = await McpSession.open(client);
      const text = await session.post(
        '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"echo","arguments":{"value":"é€😀"}}}',
      );
      const length = text.header('content-length');
      expect(length).toBe(String((await text.bytes()).length));
      const stream = await session.listen();
      expect(stream.names()).not.toContain('content-length');
      stream.abort();
    },
  },
  {
    name: 'A header that may come once and comes twice is refused with 400.',
    needs: ['duplicateHeaders', 'http1'],
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      for (const [name, values] of Object.entries(TWICE)) {
        const sent = { method: 'DELETE', path: '/mcp', headers: { ...POST_HEADERS, [name]: values } };
        const reply = await client.send(sent);
        expect(reply.status, name).toBe(400);
        expect(await reply.text()).toContain(name);
      }
    },
  },
  {
    name: 'A header that may come once and comes twice over HTTP/2 is refused with 400.',
    needs: ['duplicateHeaders', 'http2'],
    run: async (bench) => {
      const { origin } = await bench.mount(sampleTessera(bench));
      const request = [
        [':method', 'DELETE'],
        [':scheme', 'http'],
        [':path', '/mcp'],
        [':authority', new URL(origin).host],
      ] as const;
      const bearer = ['authorization', BEARER] as const;
      // Without a session id there is nothing to end, which is another reason for 400.
      const once = await sendRawHttp2(origin, [...request, bearer, ['mcp-session-id', 'one']]);
      expect(once.status).toBe(404);
      for (const [name, values] of Object.entries(TWICE)) {
        const repeated = values.map((value) => [name, value] as const);
        const others = name === 'authorization' ? [] : [bearer];
        const { status, text } = await sendRawHttp2(origin, [...request, ...others, ...repeated]);
        expect([name, status]).toEqual([name, 400]);
        expect(text).toContain(name);
      }
    },
  },
]);
