import type { ServerFactory, TokenRegistry } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { turns } from '../../live-tenancy/helpers/client.js';
import { newToken } from '../../session-era/helpers/world.js';
import { CELLS, type Sdk } from './helpers/servers.js';
import { StatelessTenant, type Who } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

/** Servers that remember for whom they were made. */
const remembering =
  (sdk: Sdk): ServerFactory =>
  ({ principal: { scopes } }) =>
    sdk.make({
      who: async ({ text, scopes: ofCall }) => {
        await turns(Number(text) % 3);
        return `made for ${scopes.join()}, called by ${String(ofCall?.join())}, ${text}`;
      },
    }).server;

const CLIENTS = ['one', 'two', 'three'].map((name) => ({ name, version: '1.0.0' }));

describe.each(CELLS)('What a server was made with ($name)', ({ sdk, direct }) => {
  it('Answers nobody but the caller it was made for.', async () => {
    const tenant = new StatelessTenant(remembering(sdk), { direct });
    for (const as of ['alice', 'bob', 'alice', 'alice', 'bob', 'bob'] satisfies Who[]) {
      expect((await tenant.call('who', '0', { as })).text).toBe(`made for ${as}, called by ${as}, 0`);
    }
  });

  it('Answers nobody else when many call at once, with the same ids and the same clients.', async () => {
    const tenant = new StatelessTenant(remembering(sdk), { direct, tessera: { limits: { calls: 100 } } });
    const calls = Array.from({ length: 48 }, async (_, index) => {
      const as: Who = index % 2 === 0 ? 'alice' : 'bob';
      const client = CLIENTS[index % CLIENTS.length];
      const { last, text } = await tenant.call('who', String(index), { as, client, id: index % 5 });
      expect(last?.id).toBe(index % 5);
      expect(text).toBe(`made for ${as}, called by ${as}, ${String(index)}`);
    });
    await Promise.all(calls);
  });

  it('Answers a caller whose scopes have changed with a server that was made for them.', async () => {
    const tenant = new StatelessTenant(remembering(sdk), { direct });
    const [first, second] = [['read'], ['read', 'write']].map((scopes) => {
      const token = `another-token-with-${scopes.join('-')}-0123456789abcdef`;
      tenant.tessera.addToken('acme', token, { scopes });
      return token;
    });
    for (const [token, scopes] of [
      [first, 'read'],
      [second, 'read,write'],
      [first, 'read'],
    ]) {
      const headers = { authorization: `Bearer ${String(token)}` };
      expect((await tenant.call('who', '0', { headers })).text).toBe(
        `made for ${String(scopes)}, called by ${String(scopes)}, 0`,
      );
    }
  });
});

describe.each(CELLS)('Users of one tenant whose tokens are kept elsewhere ($name)', ({ sdk, direct }) => {
  it('Each get servers of their own, by their subject and by what is claimed of them.', async () => {
    let subject = 'carol';
    let plan = 'free';
    const registry: TokenRegistry = {
      find: (digest) =>
        Promise.resolve({
          tokenId: 'kept-elsewhere',
          tenantId: 'acme',
          digest,
          fingerprint: '0123456789ab',
          scopes: [],
          subject,
          claims: { plan },
        }),
      attach: () => () => undefined,
    };
    const tenant = new StatelessTenant(
      ({ principal }) =>
        sdk.make({ who: () => `${principal.subject} ${String(principal.claims?.['plan'])}` }).server,
      { direct, tessera: { auth: { registries: [registry] } } },
    );
    const headers = { authorization: `Bearer ${newToken()}` };
    for (const [nextSubject, nextPlan] of [
      ['carol', 'free'],
      ['dave', 'free'],
      ['carol', 'paid'],
      ['carol', 'free'],
    ] as const) {
      subject = nextSubject;
      plan = nextPlan;
      expect((await tenant.call('who', '', { headers })).text).toBe(`${subject} ${plan}`);
    }
  });
});
