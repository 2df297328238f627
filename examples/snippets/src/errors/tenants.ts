/* What is done with tenants in the pages about errors. */
import type { ServerFactory, Tessera } from '@tessera-mcp/core';
import type { Served } from '@tessera-mcp/node';

/** A tessera with what its program knows of a customer. */
interface Setting {
  readonly tessera: Tessera;
  readonly token: string;
  readonly createServer: () => ReturnType<ServerFactory>;
}

export async function updateWithoutCutting({ tessera, createServer }: Setting): Promise<void> {
  //#region connection_closed
  await tessera.updateTenant('acme', { server: () => createServer() }, { sessions: 'drain' });
  //#endregion
}

export async function allowMoreTime(tessera: Tessera): Promise<void> {
  //#region call_timeout
  await tessera.updateTenant('acme', { limits: { callMs: 600_000 } });
  //#endregion
}

export async function updateAndEnd({ tessera, createServer }: Setting): Promise<void> {
  //#region server_incompatible
  await tessera.updateTenant('acme', { server: () => createServer() }, { sessions: 'end' });
  //#endregion
}

export async function shutDown(tessera: Tessera, served: Served): Promise<void> {
  //#region draining
  await tessera.drain({ graceMs: 10_000 });
  await served.close();
  //#endregion
}

export async function addOrUpdate({ tessera, token, createServer }: Setting): Promise<void> {
  //#region duplicate_tenant
  if (tessera.getTenant('acme') === undefined) {
    tessera.addTenant({ id: 'acme', server: () => createServer(), tokens: [token] });
  } else {
    await tessera.updateTenant('acme', { server: () => createServer() });
  }
  //#endregion
}

export function addTokenOfTenant({ tessera, token, createServer }: Setting): void {
  //#region unknown_tenant
  if (tessera.getTenant('acme') === undefined) {
    tessera.addTenant({ id: 'acme', server: () => createServer() });
  }
  tessera.addToken('acme', token);
  //#endregion
}

export async function switchOn(tessera: Tessera): Promise<void> {
  //#region tenant_disabled
  await tessera.updateTenant('acme', { enabled: true });
  //#endregion
}

export async function raiseRate(tessera: Tessera): Promise<void> {
  //#region initialize_rate_exceeded
  await tessera.updateTenant('acme', { limits: { initializeBurst: 500, initializePerSecond: 100 } });
  //#endregion
}

export async function raiseCalls(tessera: Tessera): Promise<void> {
  //#region too_many_calls
  await tessera.updateTenant('acme', { limits: { calls: 128 } });
  //#endregion
}

export async function raiseSessions(tessera: Tessera): Promise<void> {
  //#region too_many_sessions
  await tessera.updateTenant('acme', { limits: { sessions: 500 } });
  //#endregion
}

export async function raiseStreams(tessera: Tessera): Promise<void> {
  //#region too_many_streams
  await tessera.updateTenant('acme', { limits: { streams: 500 } });
  //#endregion
}

export async function raiseListens(tessera: Tessera): Promise<void> {
  //#region too_many_listens
  await tessera.updateTenant('acme', { limits: { listens: 500 } });
  //#endregion
}

export function serveBothEras({ tessera, token, createServer }: Setting): void {
  //#region unsupported_era
  tessera.addTenant({
    id: 'acme',
    server: () => createServer(),
    tokens: [token],
    eras: ['session', 'stateless'],
  });
  //#endregion
}
