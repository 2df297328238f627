import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createTessera, type Tessera } from '@tessera-mcp/core';
import { serve } from '@tessera-mcp/node';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toHonoHandler } from '../src/index.js';

const TOKEN = 'a-token-for-tests-that-is-long-enough';

const PING = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
});

const HEADERS = {
  authorization: `Bearer ${TOKEN}`,
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
};

/** A server written without an SDK: it answers every request with what an `initialize` wants. */
const server = {
  connect: (transport: { onmessage?: unknown; send: (message: object) => Promise<void> }): Promise<void> => {
    transport.onmessage = ({ id }: { id?: number }) => {
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        serverInfo: { name: 'acme', version: '1' },
      };
      if (id !== undefined) void transport.send({ jsonrpc: '2.0', id, result });
    };
    return Promise.resolve();
  },
  close: () => Promise.resolve(),
};

function makeTessera(): Tessera {
  const tessera = createTessera({
    logger: { ...console, warn: () => undefined },
    origins: ['https://app.example'],
  });
  tessera.addTenant({ id: 'acme', server: () => ({ ...server }), tokens: [TOKEN] });
  onTestFinished(() => tessera.close());
  return tessera;
}

const post = (path: string, headers = HEADERS): Request =>
  new Request(`http://app.example${path}`, { method: 'POST', headers, body: PING });

describe('A tessera in a Hono app', () => {
  it.each([
    ['use()', '/mcp', (app: Hono, tessera: Tessera) => app.use(toHonoHandler(tessera))],
    ['use("/api/*")', '/api/mcp', (app: Hono, tessera: Tessera) => app.use('/api/*', toHonoHandler(tessera))],
    [
      'all("/assistant")',
      '/assistant',
      (app: Hono, tessera: Tessera) => app.all('/assistant', toHonoHandler(tessera)),
    ],
    [
      'a route with a parameter',
      '/of/7/mcp',
      (app: Hono, tessera: Tessera) => app.all('/of/:id/*', toHonoHandler(tessera)),
    ],
    [
      'route()',
      '/sub/mcp',
      (app: Hono, tessera: Tessera) => app.route('/sub', new Hono().use(toHonoHandler(tessera))),
    ],
    [
      'basePath()',
      '/base/mcp',
      (app: Hono, tessera: Tessera) => app.basePath('/base').use('*', toHonoHandler(tessera)),
    ],
  ])('is where %s puts it: %s', async (_how, path, mount) => {
    const app = mount(new Hono(), makeTessera());
    const response = await app.fetch(post(path));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ result: { serverInfo: { name: 'acme' } } });
    expect((await app.fetch(post(`${path}/more`))).status).toBe(404);
  });

  it('says who has called', async () => {
    const seen: unknown[] = [];
    const app = new Hono<{ Variables: { auth?: { extra?: Record<string, unknown> } } }>();
    app.use(async (c, next) => {
      await next();
      seen.push(c.get('auth')?.extra?.['tenantId']);
    });
    app.use(toHonoHandler(makeTessera()));
    await app.fetch(post('/mcp'));
    await app.fetch(post('/mcp', { ...HEADERS, authorization: '' }));
    expect(seen).toEqual(['acme', undefined]);
  });

  it.each([
    ['json', (c: { req: { json: () => Promise<unknown> } }) => c.req.json()],
    ['text', (c: { req: { text: () => Promise<unknown> } }) => c.req.text()],
    ['arrayBuffer', (c: { req: { arrayBuffer: () => Promise<unknown> } }) => c.req.arrayBuffer()],
  ])('uses a body that middleware has read with c.req.%s()', async (_how, read) => {
    const app = new Hono();
    app.use(async (c, next) => {
      await read(c);
      await next();
    });
    app.use(toHonoHandler(makeTessera()));
    expect((await app.fetch(post('/mcp'))).status).toBe(200);
  });

  it('refuses what middleware has read and is not JSON, and what was read past Hono', async () => {
    const app = new Hono();
    app.use('/mcp', async (c, next) => {
      await (c.req.header('x-past') === undefined ? c.req.text() : c.req.raw.text());
      await next();
    });
    app.use(toHonoHandler(makeTessera()));
    const notJson = new Request('http://app.example/mcp', { method: 'POST', headers: HEADERS, body: '{' });
    const response = await app.fetch(notJson);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: -32700 } }]);
    const past = await app.fetch(post('/mcp', { ...HEADERS, 'x-past': '1' } as typeof HEADERS));
    expect([past.status, await past.json()]).toMatchObject([
      500,
      { error: { data: { code: 'body_already_read' } } },
    ]);
  });

  it('keeps what the CORS middleware says beside what the tessera says', async () => {
    const app = new Hono().use(cors({ origin: 'https://app.example' })).use(toHonoHandler(makeTessera()));
    const response = await app.fetch(
      post('/mcp', { ...HEADERS, origin: 'https://app.example' } as typeof HEADERS),
    );
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(response.headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id');
  });

  it('serves only loopback names on a loopback address, on either server', async () => {
    const app = new Hono().use(toHonoHandler(makeTessera()));
    const served = await serve(app);
    onTestFinished(() => served.close());
    const adaptor = createAdaptorServer({ fetch: app.fetch }) as Server;
    await new Promise<void>((resolve) => {
      adaptor.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void adaptor.close());
    for (const port of [served.port, (adaptor.address() as AddressInfo).port]) {
      const url = `http://127.0.0.1:${String(port)}/mcp`;
      const status = async (origin: string): Promise<number> =>
        (await fetch(url, { method: 'POST', headers: { ...HEADERS, origin }, body: PING })).status;
      expect([await status('http://localhost:3000'), await status('https://evil.example')]).toEqual([
        200, 403,
      ]);
    }
  });
});
