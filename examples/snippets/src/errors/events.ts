/* Listeners in the pages about errors. */
import type { Tessera } from '@tessera-mcp/core';

export function listen(tessera: Tessera): void {
  //#region factory_failed
  tessera.on('serverFailed', ({ tenantId, error }) => {
    console.error(tenantId, error.message, error.cause);
  });
  //#endregion
  //#region internal_error
  tessera.on('internalError', ({ errorId, error }) => {
    console.error(errorId, error);
  });
  //#endregion
  //#region unknown_event
  tessera.on('sessionCreated', ({ tenantId, sessionId }) => {
    console.log(tenantId, sessionId);
  });
  //#endregion
}
