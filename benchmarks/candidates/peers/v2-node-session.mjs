import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { bearerOf, candidate, tenantsByToken } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';
import { listen } from './listen.mjs';
import { SESSION_NOT_FOUND, SessionMap } from './session-map.mjs';

/* The official SDK v2 by its transport for Node.js, on node:http. Modes: `session-json`, `session-sse`. */
candidate(async ({ tenants, tools, mode = 'session-json' }) => {
  const byToken = tenantsByToken(tenants);
  const sessions = new SessionMap();

  const newTransport = async (tenant) => {
    const server = registerTools(new McpServer({ name: tenant.name, version: '1.0.0' }), tools, z);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse: mode === 'session-json',
      onsessioninitialized: (id) => sessions.set(id, { tenant, server, transport }),
    });
    transport.onclose = () => sessions.delete(transport.sessionId);
    await server.connect(transport);
    return transport;
  };

  const server = createServer(async (request, response) => {
    const tenant = byToken.get(bearerOf(request.headers.authorization));
    if (tenant === undefined) return response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    const id = request.headers['mcp-session-id'];
    // Whatever is not an `initialize` is refused by the new transport, which nobody keeps then.
    const transport = id === undefined ? await newTransport(tenant) : sessions.of(id, tenant)?.transport;
    if (transport === undefined) {
      const headers = { 'content-type': 'application/json' };
      return response.writeHead(404, headers).end(JSON.stringify(SESSION_NOT_FOUND));
    }
    await transport.handleRequest(request, response);
  });

  return {
    port: await listen(server),
    sessions: () => sessions.size,
    broadcast: () => sessions.broadcast(),
  };
});
