import { createServer } from 'node:http';
import express from 'express';
import type { Tessera } from '@tessera-mcp/core';
import { toExpressHandler } from '@tessera-mcp/express';
import { listen, type Mounted } from './mounted.mjs';

/** Mounts a tessera in an Express app, below a path and behind a parser. */
export function onExpress(tessera: Tessera): Promise<Mounted> {
  const app = express().use(express.json()).use('/api', toExpressHandler(tessera));
  return listen(createServer(app), '/api/mcp');
}
