/* What is done with tokens in the pages about errors. */
//#region import_malformed_token
import { readFileSync } from 'node:fs';
import { generateToken } from '@tessera-mcp/core';
//#endregion
//#region import_error
import { TesseraError } from '@tessera-mcp/core';
//#endregion
import type { ServerFactory, Tessera } from '@tessera-mcp/core';
import type { PerBearerMcpServer } from '@tessera-mcp/node';

export function addUnlessThere(tessera: Tessera, token: string): void {
  //#region catch_error
  try {
    tessera.addToken('acme', token);
  } catch (error) {
    if (TesseraError.isInstance(error) && error.code === 'duplicate_token') return;
    throw error;
  }
  //#endregion
}

export function moveToken(tessera: Tessera, token: string): void {
  //#region duplicate_token
  if (tessera.hasToken(token)) tessera.removeToken(token);
  tessera.addToken('acme', token);
  //#endregion
}

export function addMissing(tessera: Tessera, token: string): void {
  //#region invalid_token
  if (!tessera.hasToken(token)) tessera.addToken('acme', token);
  //#endregion
}

export function addWellFormed(tessera: Tessera): void {
  //#region malformed_token
  tessera.addToken('acme', generateToken());
  tessera.addToken('acme', readFileSync('/run/secrets/acme-token', 'utf8').trim());
  //#endregion
}

export function addOrUpdate(
  server: PerBearerMcpServer,
  token: string,
  createServer: () => ReturnType<ServerFactory>,
): void {
  //#region unknown_token
  if (server.hasToken(token)) server.updateToken(token, () => createServer());
  else server.addToken(token, () => createServer());
  //#endregion
}
