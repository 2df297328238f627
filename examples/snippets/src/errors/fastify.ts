/* The Fastify plugin in the pages about errors. */
import type { FastifyInstance } from 'fastify';
import FastifyMcpServer, { getMcpDecorator, type ServerFactory } from '@tessera-mcp/fastify';

export async function twoEndpoints(
  app: FastifyInstance,
  {
    createPublicServer,
    createInternalServer,
  }: Record<'createPublicServer' | 'createInternalServer', ServerFactory>,
): Promise<void> {
  //#region endpoint_taken
  await app.register(FastifyMcpServer, { server: createPublicServer });
  await app.register(FastifyMcpServer, { server: createInternalServer, endpoint: '/internal/mcp' });
  //#endregion
}

export async function serverOfEachSession(
  app: FastifyInstance,
  createServer: () => ReturnType<ServerFactory>,
): Promise<void> {
  //#region no_session_for_message
  await app.register(FastifyMcpServer, { server: () => createServer() });
  //#endregion
}

export async function registeredFirst(app: FastifyInstance, createServer: ServerFactory): Promise<number> {
  //#region plugin_missing
  await app.register(FastifyMcpServer, { server: createServer });
  const { activeSessions } = getMcpDecorator(app).getStats();
  //#endregion
  return activeSessions;
}
