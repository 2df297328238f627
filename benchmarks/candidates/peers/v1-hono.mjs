import { randomUUID } from 'node:crypto';
import { createAdaptorServer } from '@hono/node-server';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { Hono } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import { z } from 'zod';
import { candidate, tenantsByToken } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';
import { listen } from './listen.mjs';
import { SESSION_NOT_FOUND, SessionMap } from './session-map.mjs';

/* The official SDK v1 in Hono, by its transport for web standards. Modes: `session-json`, `session-sse`. */
candidate(async ({ tenants, tools, mode = 'session-json' }) => {
  const byToken = tenantsByToken(tenants);
  const sessions = new SessionMap();
  const app = new Hono();

  app.use(
    '/mcp',
    bearerAuth({
      verifyToken: (token, context) => {
        context.set('tenant', byToken.get(token));
        return byToken.has(token);
      },
    }),
  );

  app.all('/mcp', async (context) => {
    const tenant = context.get('tenant');
    const id = context.req.header('mcp-session-id');
    if (id !== undefined) {
      const session = sessions.of(id, tenant);
      if (session === undefined) return context.json(SESSION_NOT_FOUND, 404);
      return session.transport.handleRequest(context.req.raw);
    }
    // Whatever is not an `initialize` is refused by the transport, which nobody keeps then.
    const server = registerTools(new McpServer({ name: tenant.name, version: '1.0.0' }), tools, z);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse: mode === 'session-json',
      onsessioninitialized: (newId) => sessions.set(newId, { tenant, server, transport }),
      onsessionclosed: (closedId) => sessions.delete(closedId),
    });
    await server.connect(transport);
    return transport.handleRequest(context.req.raw);
  });

  return {
    port: await listen(createAdaptorServer({ fetch: app.fetch })),
    sessions: () => sessions.size,
    broadcast: () => sessions.broadcast(),
  };
});
