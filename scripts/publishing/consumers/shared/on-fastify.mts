import assert from 'node:assert/strict';
import fastify from 'fastify';
import type { Tessera } from '@tessera-mcp/core';
import { FastifyMcpServer, getMcpDecorator } from '@tessera-mcp/fastify';
import type { Mounted } from './mounted.mjs';

/** Mounts a tessera in a Fastify app, as a plugin below a prefix. */
export async function onFastify(tessera: Tessera): Promise<Mounted> {
  const app = fastify();
  await app.register(FastifyMcpServer, { tessera, prefix: '/api' });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  assert.ok(getMcpDecorator(app).getStats().tenants > 0);
  return { url: `${url}/api/mcp`, close: () => app.close() };
}
