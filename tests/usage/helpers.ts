import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  createPerBearerMcpServer,
  type PerBearerMcpServer,
  type PerBearerMcpServerOptions,
} from '@tessera-mcp/fastify';
import { onTestFinished } from 'vitest';

/** Loggers write nothing in tests. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A one-line server that is stopped when the test is over. */
export function makeServer(options: PerBearerMcpServerOptions = {}): PerBearerMcpServer {
  const server = createPerBearerMcpServer({ logger: silent, ...options });
  onTestFinished(async () => {
    if (server.isRunning()) await server.stop();
  });
  return server;
}

/** A server whose tools do nothing but answer their own name. */
export function serverWith(name: string, ...tools: string[]): McpServer {
  const server = new McpServer({ name, version: '1.0.0' });
  for (const tool of tools) {
    server.registerTool(tool, {}, () => ({ content: [{ type: 'text', text: `${name}/${tool}` }] }));
  }
  return server;
}

/** A client that is closed when the test is over. */
export async function connect(url: string, token: string): Promise<Client> {
  const client = new Client({ name: 'usage', version: '1.0.0' });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  return client;
}

/** The names of the tools a new session with this token has. */
export async function toolsOf(url: string, token: string): Promise<string[]> {
  const client = await connect(url, token);
  return (await client.listTools()).tools.map(({ name }) => name);
}

/** The HTTP status that opening a session with this token ends with. */
export async function statusOf(url: string, token: string): Promise<number> {
  const clientInfo = { name: 'usage', version: '1.0.0' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
  await response.text();
  return response.status;
}
