import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { createMcpHandler, withMcpAuth } from 'mcp-handler';
import { z } from 'zod';
import { candidate, tenantsByToken } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';
import { listen } from './listen.mjs';

/*
 * mcp-handler in Hono, with its own `withMcpAuth`: a handler per tenant, a server per request. Clients of both eras can ask it;
 * no modes.
 */
candidate(async ({ tenants, tools, sessions }) => {
  const byToken = tenantsByToken(tenants);
  const handlers = new Map();

  const handlerOf = (tenant) => {
    let handler = handlers.get(tenant);
    if (handler === undefined) {
      handler = createMcpHandler((server) => void registerTools(server, tools, z), {
        serverInfo: { name: tenant.name, version: '1.0.0' },
        maxSubscriptions: sessions + 1024,
      });
      handlers.set(tenant, handler);
    }
    return handler;
  };

  const verifyToken = (request, token) => {
    const tenant = byToken.get(token);
    return tenant && { token, clientId: tenant.name, scopes: [], extra: { tenant } };
  };
  const handle = withMcpAuth((request) => handlerOf(request.auth.extra.tenant)(request), verifyToken, {
    required: true,
  });

  const app = new Hono();
  app.all('/mcp', (context) => handle(context.req.raw));
  return { port: await listen(createAdaptorServer({ fetch: app.fetch })) };
});
