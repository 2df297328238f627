//#region quick-start
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import FastifyMcpServer, { TokenBasedServerProvider } from '@tessera-mcp/fastify';
import Fastify from 'fastify';

const provider = new TokenBasedServerProvider().addToken('token-of-acme', createServer);

const app = Fastify();
app.get('/', () => 'The shop');
await app.register(FastifyMcpServer, { authorization: { bearerTokenProvider: provider } }); // MCP at /mcp
await app.listen({ port: 8080, host: '127.0.0.1' });

function createServer(): McpServer {
  const mcp = new McpServer({ name: 'acme-tools', version: '1.0.0' });
  mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'Hello, Acme!' }] }));
  return mcp;
}
//#endregion
