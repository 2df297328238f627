import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Listen } from '@tessera-mcp/core';
import { closeServer, listenError, toServedHandler, SOCKET_LIMITS } from '@tessera-mcp/node';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Serves a tessera on a Fastify instance of its own. */
export const listenFastify: Listen = async ({ tessera, host, port }) => {
  const app = createApp(toServedHandler(tessera));
  try {
    await app.listen({ host, port });
  } catch (thrown) {
    await app.close();
    throw listenError(thrown as NodeJS.ErrnoException, { host, port });
  }
  return {
    port: (app.server.address() as AddressInfo).port,
    close: async () => {
      await closeServer(app.server);
      await app.close();
    },
  };
};

function createApp(handler: ReturnType<typeof toServedHandler>): FastifyInstance {
  const { maxHeaderSize, connectionsCheckingInterval, headersTimeout, requestTimeout, keepAliveTimeout } =
    SOCKET_LIMITS;
  const app = Fastify({
    requestTimeout,
    keepAliveTimeout,
    http: { maxHeaderSize, connectionsCheckingInterval, headersTimeout },
  });
  // The body belongs to the tessera, which reads it bounded and only after it knows who is calling.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.hijack();
    await handler(request.raw, reply.raw);
  };
  app.route({ method: METHODS, url: '*', handler: serve });
  app.setNotFoundHandler(serve);
  return app;
}
