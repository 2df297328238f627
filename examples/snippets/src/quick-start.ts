//#region quick-start
import { createPerBearerMcpServer } from '@tessera-mcp/fastify';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';

const server = createPerBearerMcpServer({ port: 8080 }).addToken('token-of-alice', () => {
  const mcp = new McpServer({ name: 'alice-tools', version: '1.0.0' });
  const hello = () => ({ content: [{ type: 'text' as const, text: 'Hello, Alice!' }] });
  mcp.registerTool('hello', { description: 'Says hello' }, hello);
  return mcp;
});
const { url } = await server.start();
console.log(`Listening at ${url}`);
//#endregion
