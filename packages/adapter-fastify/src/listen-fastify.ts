import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Listen } from '@tessera-mcp/core';
import { closeServer, listenError, toServedHandler, SOCKET_LIMITS } from '@tessera-mcp/node';

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
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.hijack();
    await handler(request.raw, reply.raw);
  };
  const app = Fastify({
    requestTimeout,
    keepAliveTimeout,
    http: { maxHeaderSize, connectionsCheckingInterval, headersTimeout },
    // Also what Fastify itself would refuse, such as a malformed path, passes the tessera's guard first.
    frameworkErrors: (_error, request, reply) => {
      void serve(request, reply);
    },
  });
  // Before anything looks at the body: it belongs to the tessera, which reads it only from those it knows.
  app.addHook('onRequest', serve);
  app.all('*', serve);
  app.setNotFoundHandler(serve);
  return app;
}
