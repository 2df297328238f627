import { McpServer } from '@modelcontextprotocol/server';

/** A server of SDK v2 with one tool. */
export function createServerOfSdkV2(): McpServer {
  const server = new McpServer({ name: 'server-of-sdk-v2', version: '1.0.0' });
  const hello = () => ({ content: [{ type: 'text' as const, text: 'Hello!' }] });
  server.registerTool('hello', { description: 'Says hello' }, hello);
  return server;
}
