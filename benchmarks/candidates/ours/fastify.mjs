import Fastify from 'fastify';
import FastifyMcpServer from '@tessera-mcp/fastify';
import { candidate } from '../shared/harness.mjs';
import { tesseraOf, toldOf } from './tenants.mjs';

/* Tessera in a Fastify app, as the plugin mounts it. */
candidate(async (settings) => {
  const tessera = tesseraOf(settings);
  const app = Fastify();
  await app.register(FastifyMcpServer, { tessera });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port, ...toldOf(tessera, settings.tenants) };
});
