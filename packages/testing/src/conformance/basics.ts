import { expect } from 'vitest';
import { defineSuite, type Suite } from './check.js';
import { McpSession, textResult, toolCall } from './fixtures/mcp-session.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { sampleTessera } from './fixtures/sample-tessera.js';

const WITHOUT_BODY: readonly number[] = [204, 205, 304];

const STATUSES: readonly number[] = [200, 201, 202, 204, 205, 304, 400, 401, 404, 418, 429, 500, 503, 599];

export const basics: Suite = defineSuite('Basics', [
  {
    name: 'A handler gets the method and the whole URL with its query.',
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client, origin } = await bench.mount(handler);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const path = `/some/where%20else?method=${method}&q=%C3%A9&q=a+b`;
        const reply = await client.send({ method, path });
        expect(await reply.text()).toBe('ok');
        expect(handler.last.method).toBe(method);
        expect(handler.last.url).toBe(origin + path);
      }
    },
  },
  {
    name: 'A handler gets the Host that the client asked for.',
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler);
      await (await client.send({ path: '/x', headers: { host: 'tools.example.com:8080' } })).text();
      expect(handler.last.url).toBe('http://tools.example.com:8080/x');
    },
  },
  {
    name: 'An app that has both a fetch and a method called handle is asked by fetch.',
    run: async (bench) => {
      const app = {
        fetch: () => new Response('by fetch'),
        handle: () => {
          throw new Error('This is not how it is asked.');
        },
      };
      const { client } = await bench.mount(app);
      for (const method of ['GET', 'POST']) {
        const reply = await client.send({ method, path: '/x' });
        expect([reply.status, await reply.text()]).toEqual([200, 'by fetch']);
      }
    },
  },
  {
    name: 'The path never comes from the Host, however malformed that is.',
    needs: ['http1'],
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler);
      for (const host of [
        '',
        'evil.com/admin',
        'evil.com#',
        'evil.com?',
        'evil.com\\admin',
        'user@evil.com',
        '[::1',
        'a b',
      ]) {
        const reply = await client.send({ path: '/x?y=1', headers: { host } });
        await reply.bytes();
        expect([200, 400], host).toContain(reply.status);
      }
      for (const { url } of handler.requests) expect(url).toMatch(/^http:\/\/[^/?#@]+\/x\?y=1$/);
    },
  },
  {
    name: 'Every status arrives, those that have no body without one.',
    run: async (bench) => {
      const handler = new RecordingHandler((request) => {
        const status = Number(new URL(request.url).searchParams.get('status'));
        return new Response(WITHOUT_BODY.includes(status) ? null : `status ${String(status)}`, { status });
      });
      const { client } = await bench.mount(handler);
      for (const status of STATUSES) {
        const reply = await client.send({ path: `/?status=${String(status)}` });
        expect(reply.status).toBe(status);
        expect(await reply.text()).toBe(WITHOUT_BODY.includes(status) ? '' : `status ${String(status)}`);
      }
    },
  },
  {
    name: 'Header values arrive as they were set.',
    run: async (bench) => {
      const value = 'a, "b"; c=d \t e; path=/; max-age=3';
      const handler = new RecordingHandler(
        (request) =>
          new Response('', { headers: { 'x-answer': request.headers.get('x-question') ?? 'none' } }),
      );
      const { client } = await bench.mount(handler);
      const reply = await client.send({ headers: { 'x-question': value } });
      expect(reply.header('x-answer')).toBe(value);
    },
  },
  {
    name: 'A whole MCP session goes through: initialize, a list, a call, the GET stream with a notification, DELETE.',
    run: async (bench) => {
      const tessera = sampleTessera(bench);
      const { client } = await bench.mount(tessera);
      const session = await McpSession.open(client);
      const list = await session.post('{"jsonrpc":"2.0","id":"list","method":"tools/list"}');
      expect(await list.json()).toMatchObject({
        id: 'list',
        result: { tools: [{ name: 'echo' }, {}, {}, {}, {}] },
      });
      expect(await session.echo('grüße')).toEqual(textResult(2, 'grüße'));
      const stream = await session.listen();
      expect(stream.status).toBe(200);
      const announced = await session.post(toolCall(3, 'announce', 'hear, hear'));
      expect(await announced.json()).toEqual(textResult(3, 'hear, hear'));
      expect(await stream.textTo('hear, hear')).toContain('"method":"notifications/message"');
      const deleted = await session.delete();
      expect(deleted.status).toBe(200);
      await deleted.bytes();
      expect(await stream.text()).toBe('');
      expect(tessera.getStats()).toMatchObject({ activeSessions: 0, openStreams: 0 });
      const gone = await session.post(toolCall(4, 'echo'));
      expect(gone.status).toBe(404);
      await gone.bytes();
    },
  },
  {
    name: 'A call that tells of its progress is answered with a stream that holds both.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      const session = await McpSession.open(client);
      const reply = await session.post(toolCall(5, 'steps', 'done'));
      expect(reply.header('content-type')).toBe('text/event-stream');
      const text = await reply.text();
      expect(text).toMatch(/"method":"notifications\/progress".*\n\n(?:.+\n)*.*"text":"done"/);
    },
  },
  {
    name: 'Many requests at once get each its own answer.',
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      const session = await McpSession.open(client);
      const values = Array.from({ length: 20 }, (_none, index) => `value ${String(index)}`);
      const answers = await Promise.all(values.map((value) => session.echo(value)));
      expect(answers).toEqual(values.map((value) => textResult(2, value)));
    },
  },
]);
