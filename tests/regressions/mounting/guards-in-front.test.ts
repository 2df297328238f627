import { createServer } from 'node:http';

import { toExpressHandler } from '@tessera-mcp/express';
import { FastifyMcpServer } from '@tessera-mcp/fastify';
import { toNodeHandler } from '@tessera-mcp/node';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { rawRequest } from '../../session-era/helpers/raw.js';
import { fastifyApp, listenFastify, listenWith, PathRecorder } from './helpers/mounts.js';

afterEach(closeEverything);

/** Mounts a handler under `/api`; what is below `/api/admin` is refused by the app itself. */
const MOUNTS: Readonly<Record<string, (handler: PathRecorder) => Promise<number>>> = {
  Express: (handler) => {
    const app = express();
    app.use('/api/admin', (_request, response) => void response.status(403).send('denied'));
    app.use('/api', toExpressHandler(handler));
    return listenWith(createServer(app));
  },
  Fastify: async (handler) => {
    const app = fastifyApp();
    app.all('/api/admin/*', (_request, reply) => reply.code(403).send('denied'));
    await app.register(FastifyMcpServer, { mount: handler, prefix: '/api' });
    return listenFastify(app);
  },
  Node: (handler) => {
    const mounted = toNodeHandler(handler);
    return listenWith(
      createServer((incoming, outgoing) => {
        if (incoming.url?.startsWith('/api/admin/') === true) outgoing.writeHead(403).end('denied');
        else void mounted(incoming, outgoing, { prefix: '/api' });
      }),
    );
  },
};

/** Ways to write a path below `/api/admin`, or outside of `/api`. */
const WAYS_AROUND = [
  '/api/x/../admin/x',
  '/api/x/..\\admin/x',
  '/api/./admin/x',
  '/api/.\\admin/x',
  '/api/x/%2e%2e/admin/x',
  '/api/x/.%2E/admin/x',
  '/api/%2e/admin/x',
  '/api/%2e%2e/outside',
  '/api/../outside',
  '/api/..',
  '/x/../api/admin/x',
];

describe.each(Object.keys(MOUNTS))('A guard in front of a plain handler on %s', (name) => {
  it.each(WAYS_AROUND)('Is not got around with %s.', async (path) => {
    const handler = new PathRecorder();
    const port = (await MOUNTS[name]?.(handler)) ?? 0;
    const { status } = await rawRequest(port, [`GET ${path} HTTP/1.1`, 'host: 127.0.0.1']);
    expect([403, 404]).toContain(status);
    expect(handler.paths).toEqual([]);
  });

  it('Lets through what it is not about, and refuses what it is.', async () => {
    const handler = new PathRecorder();
    const port = (await MOUNTS[name]?.(handler)) ?? 0;
    const statusOf = async (path: string): Promise<number> =>
      (await rawRequest(port, [`GET ${path} HTTP/1.1`, 'host: 127.0.0.1'])).status;
    expect(await statusOf('/api/admin/x')).toBe(403);
    expect(handler.paths).toEqual([]);
    expect(await statusOf('/api/users/x')).toBe(200);
    expect(await statusOf('/api/..hidden/x')).toBe(200);
    expect(handler.paths).toEqual(['/api/users/x', '/api/..hidden/x']);
  });
});
