//#region quick-start
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { createTessera } from '@tessera-mcp/core';
import { toExpressHandler } from '@tessera-mcp/express';
import express from 'express';

const tessera = createTessera();
tessera.addTenant({ id: 'acme', server: createServer, tokens: ['token-of-acme'] });

const app = express();
app.get('/', (_request, response) => void response.send('The shop'));
app.use(toExpressHandler(tessera)); // MCP at /mcp, everything else as before
app.listen(8080, '127.0.0.1');

function createServer(): McpServer {
  const mcp = new McpServer({ name: 'acme-tools', version: '1.0.0' });
  mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'Hello, Acme!' }] }));
  return mcp;
}
//#endregion
