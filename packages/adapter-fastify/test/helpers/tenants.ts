import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { FastifyInstance } from 'fastify';
import FastifyMcpServer, {
  TokenBasedServerProvider,
  type AuthorizationOptions,
  type BearerTokenProvider,
} from '../../src/index.js';
import { listen, makeApp } from './apps.js';

type Way = 'provider and verifier' | 'provider' | 'verifier';

/** An app with two tokens, each with one tool named after it. */
export async function twoTenants(
  way: Way,
): Promise<{ app: FastifyInstance; url: string; provider: TokenBasedServerProvider }> {
  const provider = new TokenBasedServerProvider({
    'token-a': () => serverWithTool('a'),
    'token-b': () => serverWithTool('b').server,
  });
  const app = makeApp();
  await app.register(FastifyMcpServer, { authorization: passedAs(way, provider) });
  return { app, provider, url: `${await listen(app)}/mcp` };
}

export async function toolNames(client: Client): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name).sort();
}

function passedAs(way: Way, provider: BearerTokenProvider): AuthorizationOptions {
  const bearerMiddlewareOptions = { verifier: provider };
  if (way === 'provider') return { bearerTokenProvider: provider };
  if (way === 'verifier') return { bearerMiddlewareOptions };
  return { bearerTokenProvider: provider, bearerMiddlewareOptions };
}

function serverWithTool(name: string): McpServer {
  const server = new McpServer({ name, version: '1.0.0' });
  server.registerTool(`tool-${name}`, {}, () => ({ content: [{ type: 'text', text: name }] }));
  return server;
}
