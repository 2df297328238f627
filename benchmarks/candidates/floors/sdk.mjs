import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2, createMcpHandler } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { bearerOf, candidate, tenantsByToken } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';

/*
 * What the SDKs themselves cost: a server of each session on the shortest line there can be, with nothing checked, bounded or told;
 * in the stateless era a server of each token.
 */
candidate(async ({ tools, tenants, sdk, mode }) => {
  const McpServer = sdk === 'v1' ? McpServerV1 : McpServerV2;
  const byToken = tenantsByToken(tenants);
  const lines = new Map();

  const isStateless = mode === 'stateless';

  const open = async (token, client) => {
    const id = isStateless ? token : randomUUID();
    const { name } = byToken.get(token);
    const server = registerTools(new McpServer({ name, version: '1.0.0' }), tools, z);
    if (isStateless) await settleEra(server, client);
    const line = new Line(server, isStateless ? { classification: MODERN } : undefined);
    await server.connect(line);
    lines.set(id, line);
    return id;
  };

  const answer = async (request, response, text) => {
    let sessionId = request.headers['mcp-session-id'];
    if (request.method === 'DELETE') {
      await lines.get(sessionId)?.server.close();
      lines.delete(sessionId);
      response.writeHead(200).end();
      return;
    }
    const message = JSON.parse(text);
    const token = bearerOf(request.headers.authorization);
    if (message.method === 'initialize') sessionId = await open(token);
    if (isStateless) sessionId = lines.has(token) ? token : await open(token, message.params._meta);
    const line = lines.get(sessionId);
    if (message.id === undefined) {
      line.onmessage(message);
      response.writeHead(202).end();
      return;
    }
    line.ask(message, (body) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      if (!isStateless) headers['mcp-session-id'] = sessionId;
      response.writeHead(200, headers).end(body);
    });
  };

  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => answer(request, response, text));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, sessions: () => lines.size };
});

const MODERN = { era: 'modern', revision: '2026-07-28' };

/** Has the SDK's own handler serve one request with a server, which settles that it speaks MCP 2026-07-28 and who its client is. */
async function settleEra(server, meta) {
  const handler = createMcpHandler(() => server, { legacy: 'reject', keepAliveMs: 0 });
  const headers = {
    'content-type': 'application/json',
    'mcp-protocol-version': MODERN.revision,
    'mcp-method': 'server/discover',
  };
  const parsedBody = { jsonrpc: '2.0', id: 0, method: 'server/discover', params: { _meta: meta } };
  await (
    await handler.fetch(new globalThis.Request('http://localhost/', { method: 'POST', headers }), {
      parsedBody,
    })
  ).json();
  while (server.server.transport !== undefined) await new Promise((resolve) => setImmediate(resolve));
}

/** A transport as both SDKs know it: answers find their calls by an id of its own. */
class Line {
  server;
  #extra;
  #lastId = 0;
  #waiting = new Map();

  constructor(server, extra) {
    this.server = server;
    this.#extra = extra;
  }

  async start() {}

  async close() {
    this.onclose?.();
  }

  async send(message) {
    const take = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    take?.(message);
  }

  ask(message, done) {
    const id = ++this.#lastId;
    this.#waiting.set(id, (answer) => done(JSON.stringify({ ...answer, id: message.id })));
    this.onmessage({ ...message, id }, this.#extra);
  }
}
