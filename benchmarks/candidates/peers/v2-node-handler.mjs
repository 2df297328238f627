import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { bearerOf, candidate, tenantsByToken } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';
import { listen } from './listen.mjs';

/* The official SDK v2 by `createMcpHandler`, on node:http: a server per request. Clients of both eras can ask it; no modes. */
candidate(async ({ tenants, tools, sessions }) => {
  const byToken = tenantsByToken(tenants);
  const handler = createMcpHandler(
    ({ authInfo }) =>
      registerTools(new McpServer({ name: authInfo.extra.tenant.name, version: '1.0.0' }), tools, z),
    { maxSubscriptions: sessions + 1024 },
  );
  const handle = toNodeHandler(handler);

  const server = createServer((request, response) => {
    const token = bearerOf(request.headers.authorization);
    const tenant = byToken.get(token);
    if (tenant === undefined) return response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    request.auth = { token, clientId: tenant.name, scopes: [], extra: { tenant } };
    return handle(request, response);
  });

  return {
    port: await listen(server),
    broadcast: () => handler.notify.toolsChanged(),
  };
});
