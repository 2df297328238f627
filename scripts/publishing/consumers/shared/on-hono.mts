import { Hono } from 'hono';
import type { Tessera } from '@tessera-mcp/core';
import { toHonoHandler } from '@tessera-mcp/hono';
import { serve } from '@tessera-mcp/node';
import type { Mounted } from './mounted.mjs';

/** Mounts a tessera in a Hono app, below a path, and lets the app listen on Node. */
export async function onHono(tessera: Tessera): Promise<Mounted> {
  const app = new Hono().use('/api/*', toHonoHandler(tessera));
  const { port, close } = await serve({ fetch: app.fetch }, { port: 0, host: '127.0.0.1' });
  return { url: `http://127.0.0.1:${String(port)}/api/mcp`, close };
}
