import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { turns } from '../../live-tenancy/helpers/client.js';
import { SDK_V1, SDK_V2, type Sdk } from './helpers/servers.js';
import { StatelessTenant, type Who } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

/** A tenant that counts the servers that are made for it. */
function counting(
  sdk: Sdk,
  stateless: { readonly reuse?: boolean } = {},
): { tenant: StatelessTenant; made: () => number } {
  let made = 0;
  const given = { stateless };
  const tenant = new StatelessTenant(
    async () => {
      made += 1;
      await turns(3);
      return sdk.make({ echo: ({ text }) => text }).server;
    },
    { tessera: { limits: { calls: 100 }, ...given } },
  );
  return { tenant, made: () => made };
}

async function callAtOnce(tenant: StatelessTenant, count: number): Promise<void> {
  const calls = Array.from({ length: count }, async (_, index) => {
    const as: Who = index % 2 === 0 ? 'alice' : 'bob';
    const client = { name: `client ${String(index % 3)}`, version: '1.0.0' };
    const { status, text } = await tenant.call('echo', String(index), { as, client });
    expect([status, text]).toEqual([200, String(index)]);
  });
  await Promise.all(calls);
}

describe('Servers that are kept', () => {
  it('Are few when 40 first calls come at once: one for each caller and client (SDK v2).', async () => {
    const { tenant, made } = counting(SDK_V2);
    await callAtOnce(tenant, 40);
    expect(made()).toBeLessThanOrEqual(6);
    await callAtOnce(tenant, 40);
    expect(made()).toBeLessThanOrEqual(6);
  });

  it('Are not more than calls at a time, for calls that need a server each (SDK v1).', async () => {
    const { tenant, made } = counting(SDK_V1);
    await callAtOnce(tenant, 40);
    // One more may be needed to find out which of its tools have arguments in headers.
    expect(made()).toBeLessThanOrEqual(41);
    await callAtOnce(tenant, 40);
    expect(made()).toBeLessThanOrEqual(41);
  });

  it.each([SDK_V1, SDK_V2])(
    'Answer one call after another, without more being made ($name).',
    async (sdk) => {
      const { tenant, made } = counting(sdk);
      for (let index = 0; index < 5; index += 1) await tenant.call('echo', 'first');
      const before = made();
      expect(before).toBeLessThanOrEqual(3);
      for (let index = 0; index < 40; index += 1) {
        expect((await tenant.call('echo', String(index), { id: index })).text).toBe(String(index));
      }
      expect(made()).toBe(before);
      expect(tenant.tessera.getStats()).toMatchObject({ keptServers: expect.any(Number) as number });
    },
  );

  it.each([SDK_V1, SDK_V2])(
    'Are none where each request shall have a server of its own ($name).',
    async (sdk) => {
      const { tenant, made } = counting(sdk, { reuse: false });
      for (let index = 0; index < 5; index += 1) await tenant.call('echo', 'again');
      const before = made();
      expect(before).toBeGreaterThanOrEqual(5);
      for (let index = 0; index < 5; index += 1) await tenant.call('echo', 'again');
      expect(made()).toBeGreaterThanOrEqual(before + 5);
      expect(tenant.tessera.getStats()).toMatchObject({ keptServers: 0 });
    },
  );
});
