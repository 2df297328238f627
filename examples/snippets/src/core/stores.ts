/* Sessions that outlive the process they were opened in. */
import {
  createTessera,
  type McpServerLike,
  type SessionStore,
  type StorePlace,
  type StoredSession,
  type Tessera,
} from '@tessera-mcp/core';

/** A client of a key-value server, as far as it is needed. */
interface KeyValues {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options: { readonly expiresAt: number | undefined }): Promise<void>;
  deleteIfStarts(key: string, start: string): Promise<void>;
}

export function shareSessions(values: KeyValues, secret: string, createServer: () => McpServerLike): Tessera {
  //#region stores
  const keyOf = ({ tenantId, session }: StorePlace): string => `sessions:${tenantId}:${session}`;
  const sessions: SessionStore = {
    save: (place, stored) =>
      values.set(keyOf(place), stored.owner + JSON.stringify(stored), { expiresAt: stored.expiresAt }),
    load: async (place) => {
      const text = await values.get(keyOf(place));
      return text === null ? undefined : (JSON.parse(text.slice(text.indexOf('{'))) as StoredSession);
    },
    remove: (place, owner) => values.deleteIfStarts(keyOf(place), owner),
  };
  const tessera = createTessera({ keys: { secret }, stores: { sessions } }); // one secret for all processes
  tessera.addTenant({ id: 'acme', server: createServer, parkAfterMs: 300_000 });
  //#endregion
  return tessera;
}
