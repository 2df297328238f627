import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import Fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

/** An app that is closed when the test is over. */
export function makeApp(): FastifyInstance {
  const app = Fastify();
  onTestFinished(() => app.close());
  return app;
}

/** Listens on a free port of the loopback address. */
export async function listen(app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${String((app.server.address() as AddressInfo).port)}`;
}

/** A server of SDK v1 that echoes, and says who called. */
export function echoServer(name = 'echo'): McpServer {
  const server = new McpServer({ name, version: '1.0.0' });
  server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => ({
    content: [{ type: 'text', text: `${name}: ${text}` }],
  }));
  server.registerTool('who', {}, ({ authInfo }) => ({
    content: [{ type: 'text', text: JSON.stringify(authInfo ?? null) }],
  }));
  return server;
}

/** A client that is closed when the test is over. */
export async function connect(url: string, token?: string): Promise<Client & { sessionId: string }> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return Object.assign(client, { sessionId: transport.sessionId ?? '' });
}

/** The text a tool answers with. */
export async function callText(
  client: Client,
  name: string,
  input: Record<string, unknown> = {},
): Promise<string> {
  const { content } = (await client.callTool({ name, arguments: input })) as { content: { text: string }[] };
  return content.map(({ text }) => text).join('');
}

/** The `initialize` message of a client, for requests without one. */
export const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1.0.0' } },
});

/** Headers of a POST to the endpoint. */
export function postHeaders(token?: string): Record<string, string> {
  return {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}
