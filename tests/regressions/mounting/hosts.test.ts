import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { Server } from 'node:net';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';

import { toExpressHandler } from '@tessera-mcp/express';
import { FastifyMcpServer } from '@tessera-mcp/fastify';
import { toHonoHandler } from '@tessera-mcp/hono';
import { toNodeHandler } from '@tessera-mcp/node';
import type { Tessera } from '@tessera-mcp/core';
import express from 'express';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything, closeLater } from '../../session-era/helpers/cleanup.js';
import { rawRequest, type RawAnswer } from '../../session-era/helpers/raw.js';
import { fastifyApp, initializeInit, listenFastify, listenWith, tesseraWith } from './helpers/mounts.js';

afterEach(closeEverything);

/** Only the adapter's own package has this server. */
const { createAdaptorServer } = createRequire(
  new URL('../../../packages/adapter-hono/package.json', import.meta.url),
)('@hono/node-server') as { readonly createAdaptorServer: (options: { fetch: Hono['fetch'] }) => Server };

const DOCUMENT = '/.well-known/oauth-protected-resource';

const guarded = (): Tessera =>
  tesseraWith({
    hosts: ['good.example'],
    metadata: { protectedResource: { authorization_servers: ['https://auth.example'] } },
  });

/** The status of a request over HTTP/2 that names a host. */
async function statusOverHttp2(port: number, authority: string): Promise<number | undefined> {
  const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
  session.on('error', () => undefined);
  closeLater(() => {
    session.destroy();
  });
  const { method, headers, body } = initializeInit();
  const stream = session.request({
    ':method': method,
    ':path': '/mcp',
    ':authority': authority,
    ...(headers as Record<string, string>),
  });
  stream.end(body);
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.once('response', (answered) => {
      resolve(answered[':status']);
      stream.resume();
    });
  });
}

const OVER_HTTP2: Readonly<Record<string, (tessera: Tessera) => Parameters<typeof toNodeHandler>[0]>> = {
  'a tessera': (tessera) => tessera,
  'a Hono app with a tessera': (tessera) => new Hono().use(toHonoHandler(tessera)),
  'a handler that passes requests on to a tessera': (tessera) => ({
    fetch: (request) => tessera.fetch(request),
  }),
};

describe.each(Object.keys(OVER_HTTP2))('The option "hosts" over HTTP/2 for %s on the Node bridge', (what) => {
  it('Refuses a foreign authority, and lets its own pass.', async () => {
    const mountable = OVER_HTTP2[what]?.(guarded()) ?? { fetch: () => Response.error() };
    const handler = toNodeHandler(mountable);
    const port = await listenWith(
      createHttp2Server((incoming, outgoing) => void handler(incoming, outgoing)),
    );
    expect(await statusOverHttp2(port, 'evil.example')).toBe(403);
    expect(await statusOverHttp2(port, 'good.example.evil.example')).toBe(403);
    expect(await statusOverHttp2(port, 'good.example')).toBe(200);
    expect(await statusOverHttp2(port, 'good.example:8443')).toBe(200);
  });
});

describe('The option "hosts" for a Request that is handed over in the process', () => {
  it('Refuses the foreign host of its address, and lets its own pass.', async () => {
    const tessera = guarded();
    const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number> =>
      (await tessera.fetch(new Request(url, initializeInit(headers)))).status;
    expect(await statusOf('http://evil.example/mcp')).toBe(403);
    expect(await statusOf('http://good.example/mcp')).toBe(200);
    expect(await statusOf('https://good.example:8443/mcp')).toBe(200);
    expect(await statusOf('http://good.example/mcp', { host: 'evil.example' })).toBe(403);
    expect((await tessera.fetch(new Request(`http://evil.example${DOCUMENT}`))).status).toBe(403);
    expect((await tessera.fetch(new Request(`http://good.example${DOCUMENT}`))).status).toBe(200);
  });
});

const SERVERS: Readonly<Record<string, (tessera: Tessera) => Promise<number>>> = {
  Node: (tessera) => {
    const handler = toNodeHandler(tessera);
    return listenWith(createServer((incoming, outgoing) => void handler(incoming, outgoing)));
  },
  Express: (tessera) => listenWith(createServer(express().use(toExpressHandler(tessera)))),
  Fastify: async (tessera) => {
    const app = fastifyApp();
    await app.register(FastifyMcpServer, { tessera });
    return listenFastify(app);
  },
  'Hono on @hono/node-server': (tessera) =>
    listenWith(createAdaptorServer({ fetch: new Hono().use(toHonoHandler(tessera)).fetch })),
  'Hono on the Node bridge': (tessera) => {
    const handler = toNodeHandler(new Hono().use(toHonoHandler(tessera)));
    return listenWith(createServer((incoming, outgoing) => void handler(incoming, outgoing)));
  },
};

describe.each(Object.keys(SERVERS))(
  'The option "hosts" and request targets that name a host, on %s',
  (name) => {
    it('A foreign host in the target is refused, or counts for nothing, although the Host header is right.', async () => {
      const port = (await SERVERS[name]?.(guarded())) ?? 0;
      const ask = (target: string, host: string): Promise<RawAnswer> =>
        rawRequest(port, [`GET ${target} HTTP/1.1`, `host: ${host}`]);
      const answer = await ask(`http://evil.example${DOCUMENT}`, 'good.example');
      // Fastify's router has no route for such a target; and `@hono/node-server` hands on the header and the target.
      const statuses: Readonly<Record<string, number>> = { Fastify: 404, 'Hono on @hono/node-server': 200 };
      expect([403, statuses[name]]).toContain(answer.status);
      expect(answer.text).not.toContain('evil');
      expect((await ask(DOCUMENT, 'evil.example')).status).toBe(403);
      expect((await ask(DOCUMENT, 'good.example')).status).toBe(200);
    });
  },
);
