//#region quick-start
import { McpServer } from '@modelcontextprotocol/server';
import { createTessera } from '@tessera-mcp/core';

const tessera = createTessera();
tessera.addTenant({ id: 'acme', server: createServer, tokens: ['token-of-acme'] });

// Wherever a Web Request comes in: this one has no token.
const response = await tessera.fetch(new Request('http://localhost/mcp', { method: 'POST' }));
console.log(response.status, await response.json());

function createServer(): McpServer {
  const mcp = new McpServer({ name: 'acme-tools', version: '1.0.0' });
  mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'Hello, Acme!' }] }));
  return mcp;
}
//#endregion
