import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import express from 'express';
import { z } from 'zod';
import { bearerOf, candidate, tenantsByToken } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';
import { listen } from './listen.mjs';
import { SESSION_NOT_FOUND, SessionMap } from './session-map.mjs';

/*
 * The official SDK v1 in Express 5, as its examples write it.
 * Modes: `session-json`, `session-sse`, and `stateless-json` with a server and a transport per request.
 */
candidate(async ({ tenants, tools, mode = 'session-json' }) => {
  const byToken = tenantsByToken(tenants);
  const sessions = new SessionMap();
  const app = express();

  app.use((request, response, next) => {
    const tenant = byToken.get(bearerOf(request.headers.authorization));
    if (tenant === undefined) return response.status(401).json({ error: 'invalid_token' });
    response.locals.tenant = tenant;
    next();
  });
  app.use(express.json());

  const newServer = (tenant) =>
    registerTools(new McpServer({ name: tenant.name, version: '1.0.0' }), tools, z);

  const inSession = async (request, response) => {
    const session = sessions.of(request.headers['mcp-session-id'], response.locals.tenant);
    if (session === undefined) return response.status(404).json(SESSION_NOT_FOUND);
    await session.transport.handleRequest(request, response, request.body);
  };

  const openSession = async (request, response) => {
    const { tenant } = response.locals;
    const server = newServer(tenant);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse: mode === 'session-json',
      onsessioninitialized: (id) => sessions.set(id, { tenant, server, transport }),
    });
    transport.onclose = () => sessions.delete(transport.sessionId);
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  };

  const alone = async (request, response) => {
    const server = newServer(response.locals.tenant);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: undefined,
      enableJsonResponse: true,
    });
    response.on('close', () => {
      transport.close();
      server.close();
    });
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  };

  if (mode === 'stateless-json') {
    app.post('/mcp', alone);
    app.all('/mcp', (request, response) => response.status(405).end());
  } else {
    app.post('/mcp', (request, response) => {
      const opens = request.headers['mcp-session-id'] === undefined && isInitializeRequest(request.body);
      return opens ? openSession(request, response) : inSession(request, response);
    });
    app.get('/mcp', inSession);
    app.delete('/mcp', inSession);
  }

  return {
    port: await listen(createServer(app)),
    sessions: () => sessions.size,
    broadcast: () => sessions.broadcast(),
  };
});
