import type { TokenRecord, TokenRegistry, TokenRegistryListener } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../session-era/helpers/cleanup.js';
import { request } from '../session-era/helpers/messages.js';
import { openSession } from '../session-era/helpers/session.js';
import { createWorld, HOSTS, newToken } from '../session-era/helpers/world.js';

afterEach(closeEverything);

const TOKEN_ID = 'row-1';

/** A registry whose token ids are unique within a tenant only: the first new token is acme's, the next globex's. */
class RegistryPerTenant implements TokenRegistry {
  listener: TokenRegistryListener | undefined;
  readonly #records = new Map<string, TokenRecord>();
  readonly #tenants = ['acme', 'globex'];

  find(digest: string): Promise<TokenRecord | undefined> {
    const known = this.#records.get(digest);
    if (known !== undefined) return Promise.resolve(known);
    const tenantId = this.#tenants.shift() ?? 'nobody';
    const record = { tokenId: TOKEN_ID, tenantId, digest, fingerprint: `of ${tenantId}`, scopes: [] };
    this.#records.set(digest, record);
    return Promise.resolve(record);
  }

  attach(listener: TokenRegistryListener): () => void {
    this.listener = listener;
    return () => undefined;
  }
}

describe.each(HOSTS)('Tokens that a registry revokes ($name)', (setting) => {
  it('Naming a tenant ends the sessions of that tenant only.', async () => {
    const registry = new RegistryPerTenant();
    const world = await createWorld(setting, { auth: { registries: [registry] } });
    const ofAcme = await openSession(world, newToken());
    const ofGlobex = await openSession(world, newToken());
    registry.listener?.revoked(TOKEN_ID, 'acme');
    expect(world.tessera.getActiveSessions().map(({ tenantId }) => tenantId)).toEqual(['globex']);
    expect(world.events('sessionEnded').map(({ tenantId, reason }) => [tenantId, reason])).toEqual([
      ['acme', 'revoked'],
    ]);
    expect(world.events('tokenRemoved').map(({ tenantId }) => tenantId)).toEqual(['acme']);
    expect((await ofGlobex.post(request(1, 'ping'))).status).toBe(200);
    expect((await ofAcme.post(request(1, 'ping'))).status).toBe(404);
  });

  it('Naming a tenant that is not here ends nothing.', async () => {
    const registry = new RegistryPerTenant();
    const world = await createWorld(setting, { auth: { registries: [registry] } });
    await openSession(world, newToken());
    await openSession(world, newToken());
    registry.listener?.revoked(TOKEN_ID, 'elsewhere');
    expect(world.tessera.getStats().activeSessions).toBe(2);
    expect(world.events('tokenRemoved')).toHaveLength(0);
  });

  it('Naming no tenant ends the sessions of all tenants with that token id.', async () => {
    const registry = new RegistryPerTenant();
    const world = await createWorld(setting, { auth: { registries: [registry] } });
    await openSession(world, newToken());
    await openSession(world, newToken());
    registry.listener?.revoked(TOKEN_ID);
    expect(world.tessera.getStats().activeSessions).toBe(0);
  });
});
