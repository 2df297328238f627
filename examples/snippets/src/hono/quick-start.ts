//#region quick-start
import { serve } from '@hono/node-server';
import { McpServer } from '@modelcontextprotocol/server';
import { createTessera } from '@tessera-mcp/core';
import { toHonoHandler } from '@tessera-mcp/hono';
import { Hono } from 'hono';

const tessera = createTessera();
tessera.addTenant({ id: 'acme', server: createServer, tokens: ['token-of-acme'] });

const app = new Hono();
app.get('/', (c) => c.text('The shop'));
app.use(toHonoHandler(tessera)); // MCP at /mcp, everything else as before
serve({ fetch: app.fetch, port: 8080, hostname: '127.0.0.1' });

function createServer(): McpServer {
  const mcp = new McpServer({ name: 'acme-tools', version: '1.0.0' });
  mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'Hello, Acme!' }] }));
  return mcp;
}
//#endregion
