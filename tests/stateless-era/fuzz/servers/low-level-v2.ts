import { ProtocolError, Server } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { MadeFor } from './asked.js';
import { INFO } from './contents.js';
import { lowLevelTools, oddResult } from './low-level-tools.js';

const ECHO = z.object({ text: z.string().optional() });

/** Makes a low-level `Server` of SDK v2: tools that are written by hand, and a method of its own. */
export function lowLevelV2({ scopes }: MadeFor): Server {
  const server = new Server(INFO, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => lowLevelTools());
  server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => {
    const { name, arguments: given = {} } = params;
    if (name === 'code') throw new ProtocolError(Number(given['code']), 'as told', { told: true });
    if (name === 'throw') throw new Error('no luck');
    return oddResult({ name, given, meta: mcpReq._meta, scopes });
  });
  server.setRequestHandler('acme/echo', { params: ECHO }, ({ text = 'nothing' }) => ({ text }));
  return server;
}
