import type { FetchHandler, Tessera } from '@tessera-mcp/core';
import { describeAdapter } from '@tessera-mcp/testing/conformance';
import Fastify, { type FastifyInstance } from 'fastify';
import { FastifyMcpServer, toFastifyHandler } from '../src/index.js';

const isTessera = (handler: FetchHandler): handler is Tessera => 'requiresToken' in handler;

/** Leaves bodies of some types, and of all that Fastify does not know, to the handler. */
const leaveBodies = (app: FastifyInstance, types: string[]): void => {
  app.removeContentTypeParser(types);
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
};

for (const way of ['the plugin', 'a route'] as const) {
  describeAdapter({
    name: `Fastify, ${way}`,
    capabilities:
      way === 'a route' ? { prefixes: false, refusedBefore: ['contentType'] } : { parsedBodies: false },
    mount: async (handler, { prefix, parseBodies, before }) => {
      const app = Fastify().addHook('onRequest', async (_request, reply) => void reply.headers(before));
      app.addHook('preClose', () => (isTessera(handler) ? handler.drain() : Promise.resolve()));
      app.get('/beside', () => 'beside');
      app.get('/failing', () => {
        throw new Error('failing');
      });
      if (way === 'the plugin') {
        await app.register(FastifyMcpServer, {
          ...(isTessera(handler) ? { tessera: handler } : { mount: handler }),
          prefix,
        });
      } else {
        leaveBodies(app, parseBodies ? ['text/plain'] : ['text/plain', 'application/json']);
        app.all(`${prefix.replace(/\/$/, '')}/*`, toFastifyHandler(handler));
      }
      return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
    },
  });
}
