import { createServer, type Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { toNodeHandler } from '@tessera-mcp/node';
import { describeAdapter, listening } from '@tessera-mcp/testing/conformance';
import { Hono } from 'hono';
import { toHonoHandler } from '../src/index.js';

const servers = [
  {
    name: 'Hono on @hono/node-server',
    capabilities: {
      duplicateHeaders: false,
      halfReadBodies: false,
      writtenPaths: false,
      checkedAnswers: false,
      refusedBefore: ['host'],
    },
    serverOf: (app: Hono) =>
      createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server,
  },
  {
    name: 'Hono on the Node bridge',
    capabilities: { textLengths: false },
    serverOf: (app: Hono) => {
      const handler = toNodeHandler(app);
      return createServer((incoming, outgoing) => void handler(incoming, outgoing));
    },
  },
] as const;

for (const { serverOf, ...server } of servers) {
  describeAdapter({
    ...server,
    mount: (mountable, { prefix, parseBodies, before }) => {
      const app = new Hono();
      app.use(async (c, next) => {
        for (const [name, value] of Object.entries(before)) c.header(name, value);
        if (parseBodies && c.req.header('content-type') === 'application/json') await c.req.json();
        await next();
      });
      app.use(`${prefix.replace(/\/$/, '')}/*`, toHonoHandler(mountable));
      app.get('/beside', (c) => c.text('beside'));
      app.get('/failing', () => {
        throw new Error('failing');
      });
      return listening(serverOf(app), mountable);
    },
  });
}
