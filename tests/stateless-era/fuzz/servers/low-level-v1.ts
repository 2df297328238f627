import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { MadeFor } from './asked.js';
import { INFO } from './contents.js';
import { lowLevelTools, oddResult } from './low-level-tools.js';

const ECHO = z.object({
  method: z.literal('acme/echo'),
  params: z.object({ text: z.string().optional() }).optional(),
});

/** Makes a low-level `Server` of SDK v1: tools that are written by hand, and a method of its own. */
export function lowLevelV1({ scopes }: MadeFor): Server {
  const server = new Server(INFO, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => lowLevelTools());
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const { name, arguments: given = {} } = params;
    if (name === 'code') throw new McpError(Number(given['code']), 'as told', { told: true });
    if (name === 'throw') throw new Error('no luck');
    return oddResult({ name, given, meta: extra._meta, scopes });
  });
  server.setRequestHandler(ECHO, ({ params }) => ({ text: params?.text ?? 'nothing' }));
  return server;
}
