/* Starting and stopping the one-line server in the pages about errors. */
//#region import
import { TesseraError } from '@tessera-mcp/node';
//#endregion
import type { PerBearerMcpServer, ServerFactory } from '@tessera-mcp/node';

export async function restart(server: PerBearerMcpServer): Promise<void> {
  //#region already_started
  await server.stop();
  await server.start();
  //#endregion
}

export async function showCause(server: PerBearerMcpServer): Promise<void> {
  //#region listen_failed
  try {
    await server.start();
  } catch (error) {
    if (TesseraError.isInstance(error) && error.code === 'listen_failed') console.error(error.cause);
    throw error;
  }
  //#endregion
}

export function stopAtSignal(server: PerBearerMcpServer): void {
  //#region not_running
  process.on('SIGTERM', () => {
    if (server.isRunning()) void server.stop();
  });
  //#endregion
}

export async function addBetween(
  server: PerBearerMcpServer,
  token: string,
  createServer: () => ReturnType<ServerFactory>,
): Promise<void> {
  //#region server_stopping
  await server.stop();
  server.addToken(token, () => createServer());
  await server.start();
  //#endregion
}

export async function startUnlessStopped(server: PerBearerMcpServer): Promise<void> {
  //#region start_aborted
  try {
    await server.start();
  } catch (error) {
    if (!TesseraError.isInstance(error) || error.code !== 'start_aborted') throw error;
  }
  //#endregion
}
