/* A CommonJS program in TypeScript: the one-line server, and a tessera mounted on Node and with Fastify. */
import assert = require('node:assert/strict');
import fastify = require('fastify');
import core = require('@tessera-mcp/core');
import fastifyAdapter = require('@tessera-mcp/fastify');
import node = require('@tessera-mcp/node');
import client = require('@modelcontextprotocol/sdk/client/index.js');
import transport = require('@modelcontextprotocol/sdk/client/streamableHttp.js');
import sdk = require('@modelcontextprotocol/sdk/server/mcp.js');

function createServer(): sdk.McpServer {
  const server = new sdk.McpServer({ name: 'server-of-sdk-v1', version: '1.0.0' });
  const hello = () => ({ content: [{ type: 'text' as const, text: 'Hello!' }] });
  server.registerTool('hello', { description: 'Says hello' }, hello);
  return server;
}

async function call(url: string, token: string): Promise<void> {
  assert.equal((await fetch(url, { method: 'POST' })).status, 401);
  const caller = new client.Client({ name: 'client-of-sdk-v1', version: '1.0.0' });
  const headers = { authorization: `Bearer ${token}` };
  await caller.connect(
    new transport.StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
  );
  const { tools } = await caller.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['hello'],
  );
  assert.match(JSON.stringify(await caller.callTool({ name: 'hello' })), /Hello!/);
  await caller.close();
}

async function main(): Promise<void> {
  const token = core.generateToken();
  const oneLine = node.createPerBearerMcpServer({ port: 0 }).addToken(token, createServer);
  await call((await oneLine.start()).url, token);
  await oneLine.stop();

  const tessera = core.createTessera();
  tessera.addTenant({ id: 'acme', server: createServer, tokens: [token] });
  const served = await node.serve(tessera, { port: 0 });
  await call(`http://127.0.0.1:${String(served.port)}/mcp`, token);
  await served.close();

  const app = fastify();
  await app.register(fastifyAdapter.FastifyMcpServer, { tessera });
  await call(`${await app.listen({ port: 0, host: '127.0.0.1' })}/mcp`, token);
  await app.close();
  await tessera.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
