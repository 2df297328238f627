import { createServer } from 'node:http';
import type { Tessera } from '@tessera-mcp/core';
import { serve, toNodeHandler } from '@tessera-mcp/node';
import { listen, type Mounted } from './mounted.mjs';

/** Mounts a tessera on `node:http`. */
export function onNode(tessera: Tessera): Promise<Mounted> {
  const handler = toNodeHandler(tessera);
  return listen(
    createServer((incoming, outgoing) => void handler(incoming, outgoing)),
    '/mcp',
  );
}

/** Lets a tessera listen by itself. */
export async function served(tessera: Tessera): Promise<Mounted> {
  const { port, close } = await serve(tessera, { port: 0, host: '127.0.0.1' });
  return { url: `http://127.0.0.1:${String(port)}/mcp`, close };
}
