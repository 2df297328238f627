/* Options of the one-line server that the pages about errors name. */
//#region import
import { createPerBearerMcpServer } from '@tessera-mcp/node';
//#endregion
import type { PerBearerMcpServer, ServerInfo } from '@tessera-mcp/node';

export function onEveryAddress(): PerBearerMcpServer {
  //#region address_not_available
  const server = createPerBearerMcpServer({ port: 8080, host: '0.0.0.0', hosts: ['mcp.example.com'] });
  //#endregion
  return server;
}

export function withPublicHost(): PerBearerMcpServer {
  //#region host_not_allowed
  const server = createPerBearerMcpServer({ port: 8080, hosts: ['mcp.example.com'] });
  //#endregion
  return server;
}

export async function onFreePort(): Promise<Pick<ServerInfo, 'port' | 'url'>> {
  //#region port_in_use
  const server = createPerBearerMcpServer({ port: 0 });
  const { port, url } = await server.start();
  //#endregion
  return { port, url };
}

export function onPortOfEnvironment(): PerBearerMcpServer {
  //#region port_not_allowed
  const server = createPerBearerMcpServer({ port: process.env['PORT'] ?? 8080 });
  //#endregion
  return server;
}
