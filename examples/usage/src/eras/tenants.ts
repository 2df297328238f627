/* What a program says about eras. Shown in docs/stateless-era.md. */
import type { Client } from '@modelcontextprotocol/client';
import { createTessera, type McpServerLike, type Principal, type Tessera } from '@tessera-mcp/core';

/** What the program around the tessera knows. */
interface Program {
  readonly tokens: readonly string[];
  readonly log: (line: string) => unknown;
  readonly createServerFor: (principal: Principal) => McpServerLike;
}

export function addCustomer(tessera: Tessera, { tokens, log, createServerFor }: Program): void {
  //#region factory
  tessera.addTenant({
    id: 'acme',
    tokens,
    server: ({ era, principal }) => {
      log(`A server for ${principal.tokenId} in the ${era} era`);
      return createServerFor(principal);
    },
  });
  //#endregion
}

export function createChosen(server: () => McpServerLike): Tessera {
  //#region choose
  const tessera = createTessera({ rememberListsMs: 5000, stateless: { input: 'replay' } });
  tessera.addTenant({ id: 'always-the-same-tools', server, lists: 'static' });
  tessera.addTenant({ id: 'new-server-each-time', server, stateless: { reuse: false } });
  tessera.addTenant({ id: 'sessions-only', server, eras: ['session'] });
  tessera.addTenant({ id: 'no-sessions', server, eras: ['stateless'] });
  //#endregion
  return tessera;
}

export async function listen(client: Client, hear: () => void): Promise<void> {
  //#region listen
  client.setNotificationHandler('notifications/tools/list_changed', hear);
  await client.listen({ toolsListChanged: true });
  //#endregion
}

export function tellOfTools(tessera: Tessera): void {
  //#region notify
  tessera.notify('acme').toolsChanged();
  //#endregion
}
