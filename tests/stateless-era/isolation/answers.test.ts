import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import type { Message } from '../../session-era/helpers/messages.js';
import { answerOf, messagesOf } from '../../session-era/helpers/streams.js';
import { HOSTS_BOTH_WAYS } from '../helpers/cells.js';
import { HERE } from './helpers/marked-servers.js';
import { ManyTenants, TENANTS, type MarkedTenant } from './helpers/many-tenants.js';

afterEach(closeEverything);

const ROUNDS = 4;

/** The same requests, with the same ids, for every tenant; each resolves to what has to hold the tenant's marker. */
const REQUESTS: Readonly<Record<string, (tenant: MarkedTenant, id: number) => Promise<Message[]>>> = {
  discover: async ({ caller }, id) => messagesOf(await caller.ask(id, 'server/discover')),
  tools: async ({ caller }, id) => messagesOf(await caller.ask(id, 'tools/list')),
  resources: async ({ caller }, id) => messagesOf(await caller.ask(id, 'resources/list')),
  read: async ({ caller }, id) => messagesOf(await caller.ask(id, 'resources/read', { uri: HERE })),
  prompt: async ({ caller }, id) => messagesOf(await caller.ask(id, 'prompts/get', { name: 'whose' })),
  reveal: async ({ caller }, id) => messagesOf(await caller.call(id, 'reveal', `text ${String(id)}`)),
  linger: async ({ caller }, id) =>
    messagesOf(await caller.call(id, 'linger', 'said', { meta: { progressToken: id } })),
  throw: async ({ caller }, id) => messagesOf(await caller.call(id, 'throw')),
  own: async ({ caller, marker }, id) => messagesOf(await caller.call(id, `own_${marker}`)),
};

describe.each(HOSTS_BOTH_WAYS)('Many tenants that ask at once ($name)', (cell) => {
  it('Each is answered by its own server, though all ids and all clients are the same.', async () => {
    const tenants = await ManyTenants.create(cell, { stateless: { direct: cell.direct } });
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(
        tenants.all.flatMap((tenant) =>
          Object.entries(REQUESTS).map(async ([name, ask]) => {
            const messages = await ask(tenant, round);
            const answer = messages.at(-1);
            expect([name, answer?.id]).toEqual([name, round]);
            expect(JSON.stringify(answer)).toContain(tenant.marker);
          }),
        ),
      );
    }
    expect(tenants.foreignTexts()).toEqual([]);
    expect(tenants.received).toBeGreaterThan(TENANTS * ROUNDS * 1000);
    expect(tenants.tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 0 });
  }, 60_000);

  it('Each call runs in a server that was made for its tenant, with the identity of its tenant.', async () => {
    const tenants = await ManyTenants.create(cell, { stateless: { direct: cell.direct } });
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(
        tenants.all.map(async ({ caller, id, marker }) => {
          const text = `${id}, round ${String(round)}`;
          const said = JSON.parse((await caller.textOf(1, 'reveal', text)) ?? '') as unknown;
          expect(said).toEqual({ marker, builtFor: id, caller: id, text });
        }),
      );
    }
    expect(tenants.foreignTexts()).toEqual([]);
  }, 60_000);

  it("A tenant that asks for another one's tools, resources and prompts finds nothing.", async () => {
    const tenants = await ManyTenants.create(cell, { stateless: { direct: cell.direct } });
    await Promise.all(tenants.all.map(({ caller, marker }) => caller.textOf(1, `own_${marker}`)));
    const answers = await Promise.all(
      tenants.all.map(async ({ caller }, index) => {
        const { marker } = tenants.all[(index + 1) % TENANTS] as MarkedTenant;
        const tool = await answerOf(await caller.call(1, `own_${marker}`));
        const resource = await answerOf(await caller.ask(1, 'resources/read', { uri: `secret://${marker}` }));
        return [tool.error !== undefined || tool.result?.isError === true, resource.error !== undefined];
      }),
    );
    expect(answers).toEqual(tenants.all.map(() => [true, true]));
  }, 60_000);

  it('Sessions and requests of the other era of the same tenants stay apart as well.', async () => {
    const tenants = await ManyTenants.create(cell, { stateless: { direct: cell.direct } });
    await Promise.all(
      tenants.all.map(async (tenant) => {
        const session = await tenant.open();
        const [inSession, described] = await Promise.all([
          session.call(1, 'linger', 'same', {}),
          tenant.caller.call(1, 'linger', 'same'),
        ]);
        expect(JSON.stringify(await answerOf(inSession))).toContain(`${tenant.marker} same`);
        expect(JSON.stringify(await answerOf(described))).toContain(`${tenant.marker} same`);
      }),
    );
    expect(tenants.foreignTexts()).toEqual([]);
    expect(tenants.tessera.getStats()).toMatchObject({ activeSessions: TENANTS, callsInFlight: 0 });
  }, 60_000);
});
