/* Server factories in the pages about errors. */
//#region import
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
//#endregion
import type { PerBearerMcpServer } from '@tessera-mcp/node';

export function passSignalOn(
  server: PerBearerMcpServer,
  token: string,
  { configUrl, createServer }: { configUrl: string; createServer: (config: Response) => McpServer },
): void {
  //#region signal
  server.addToken(token, async ({ signal }) => createServer(await fetch(configUrl, { signal })));
  //#endregion
}

export function passFunction(server: PerBearerMcpServer, token: string): void {
  //#region invalid_factory
  server.addToken(token, () => new McpServer({ name: 'acme', version: '1.0.0' }));
  //#endregion
}

export function returnServer(server: PerBearerMcpServer, token: string): void {
  //#region invalid_server
  server.addToken(token, () => {
    return new McpServer({ name: 'acme', version: '1.0.0' });
  });
  //#endregion
}

export function sharePool<Pool>(
  server: PerBearerMcpServer,
  token: string,
  { createPool, createServer }: { createPool: () => Pool; createServer: (pool: Pool) => McpServer },
): void {
  //#region server_reused
  const pool = createPool();
  server.addToken(token, () => createServer(pool));
  //#endregion
}
