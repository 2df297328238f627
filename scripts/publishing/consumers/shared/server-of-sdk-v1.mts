import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';

/** A server of SDK v1 with one tool. */
export function createServerOfSdkV1(): McpServer {
  const server = new McpServer({ name: 'server-of-sdk-v1', version: '1.0.0' });
  const hello = () => ({ content: [{ type: 'text' as const, text: 'Hello!' }] });
  server.registerTool('hello', { description: 'Says hello' }, hello);
  return server;
}
