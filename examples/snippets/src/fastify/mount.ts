/* A tessera in a Fastify app. */
import type { FastifyInstance } from 'fastify';
import type { FastifyMcpServerOptions } from '@tessera-mcp/fastify';
//#region import
import FastifyMcpServer, { getMcpDecorator, toFastifyHandler } from '@tessera-mcp/fastify';
//#endregion

/** A tessera, as the plugin takes it. */
type Tessera = NonNullable<FastifyMcpServerOptions['tessera']>;

export async function atThreePlaces(app: FastifyInstance, tessera: Tessera): Promise<void> {
  //#region places
  await app.register(FastifyMcpServer, { tessera }); // the endpoint is at /mcp
  await app.register(FastifyMcpServer, { tessera, prefix: '/api' }); // at /api/mcp
  app.all('/assistant', toFastifyHandler(tessera)); // at /assistant
  //#endregion
}

export function watch(app: FastifyInstance): void {
  //#region watch
  const mcp = getMcpDecorator(app);
  mcp.getSessionManager().on('sessionCreated', (sessionId) => {
    app.log.info({ sessionId, ...mcp.getStats() });
  });
  //#endregion
}
