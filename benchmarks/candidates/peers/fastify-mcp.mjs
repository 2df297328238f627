import { AsyncLocalStorage } from 'node:async_hooks';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { fastify } from 'fastify';
import { Sessions, streamableHttp } from 'fastify-mcp';
import { z } from 'zod';
import { bearerOf, candidate, tenantsByToken } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';
import { SESSION_NOT_FOUND } from './session-map.mjs';

/*
 * fastify-mcp, with sessions, answering by SSE: it has no option for JSON. Its `createServer` is not told of the request, so
 * that whose it is has to come by an AsyncLocalStorage. No modes.
 */
candidate(async ({ tenants, tools }) => {
  const byToken = tenantsByToken(tenants);
  const current = new AsyncLocalStorage();
  const owners = new Map();
  const sessions = new Sessions();
  sessions.on('connected', (id) => owners.set(id, current.getStore()));
  sessions.on('terminated', (id) => owners.delete(id));

  const app = fastify();
  app.decorateRequest('tenant', null);
  app.addHook('onRequest', async (request, reply) => {
    request.tenant = byToken.get(bearerOf(request.headers.authorization));
    if (request.tenant === undefined) return reply.code(401).send({ error: 'invalid_token' });
    const id = request.headers['mcp-session-id'];
    if (id !== undefined && owners.get(id) !== request.tenant) return reply.code(404).send(SESSION_NOT_FOUND);
  });
  app.addHook('preHandler', (request, reply, done) => current.run(request.tenant, done));

  app.register(streamableHttp, {
    stateful: true,
    mcpEndpoint: '/mcp',
    sessions,
    createServer: () => {
      const { name } = current.getStore();
      return registerTools(new McpServer({ name, version: '1.0.0' }), tools, z).server;
    },
  });

  await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    port: app.server.address().port,
    sessions: () => sessions.count,
    // The plugin gives out the transports alone.
    broadcast: async () => {
      const message = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
      await Promise.all(Array.from(sessions, (transport) => transport.send(message)));
    },
  };
});
