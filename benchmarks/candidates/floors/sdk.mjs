import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { bearerOf, candidate, tenantsByToken } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';

/* What the SDKs themselves cost: a server of each session on the shortest line there can be, with nothing checked, bounded or told. */
candidate(async ({ tools, tenants, sdk }) => {
  const McpServer = sdk === 'v1' ? McpServerV1 : McpServerV2;
  const byToken = tenantsByToken(tenants);
  const lines = new Map();

  const open = async (token) => {
    const sessionId = randomUUID();
    const { name } = byToken.get(token);
    const server = registerTools(new McpServer({ name, version: '1.0.0' }), tools, z);
    const line = new Line(server);
    await server.connect(line);
    lines.set(sessionId, line);
    return sessionId;
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
    if (message.method === 'initialize') sessionId = await open(bearerOf(request.headers.authorization));
    const line = lines.get(sessionId);
    if (message.id === undefined) {
      line.onmessage(message);
      response.writeHead(202).end();
      return;
    }
    line.ask(message, (body) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      response.writeHead(200, { ...headers, 'mcp-session-id': sessionId }).end(body);
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

/** A transport as both SDKs know it: answers find their calls by an id of its own. */
class Line {
  server;
  #lastId = 0;
  #waiting = new Map();

  constructor(server) {
    this.server = server;
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
    this.onmessage({ ...message, id });
  }
}
