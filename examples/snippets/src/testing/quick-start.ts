//#region quick-start
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { createTessera } from '@tessera-mcp/core';
import { TEST_URL, inMemoryFetch } from '@tessera-mcp/testing';

const tessera = createTessera();
tessera.addTenant({ id: 'acme', server: createServer, tokens: ['token-of-acme'] });

const client = new Client({ name: 'test', version: '1.0.0' });
const fetch = inMemoryFetch(tessera, { token: 'token-of-acme' });
await client.connect(new StreamableHTTPClientTransport(new URL(TEST_URL), { fetch }));
console.log(await client.callTool({ name: 'hello' }));
console.log((await inMemoryFetch(tessera)(TEST_URL, { method: 'POST' })).status); // 401: no token

function createServer(): McpServer {
  const mcp = new McpServer({ name: 'acme-tools', version: '1.0.0' });
  mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'Hello, Acme!' }] }));
  return mcp;
}
//#endregion
