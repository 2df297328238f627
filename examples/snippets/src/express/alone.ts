//#region alone
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { createPerBearerMcpServer } from '@tessera-mcp/express';

const server = createPerBearerMcpServer({ port: 8080 }).addToken('token-of-alice', () => {
  const mcp = new McpServer({ name: 'alice-tools', version: '1.0.0' });
  mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'Hello, Alice!' }] }));
  return mcp;
});
const { url } = await server.start();
console.log(`Listening at ${url}`);
//#endregion
