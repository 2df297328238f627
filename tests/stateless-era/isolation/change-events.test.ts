import type { Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import type { EventReader } from '../../session-era/helpers/streams.js';
import { HOSTS_BOTH_WAYS, type Cell } from '../helpers/cells.js';
import { META } from '../helpers/envelope.js';
import { HERE } from './helpers/marked-servers.js';
import { ManyTenants, TENANTS, type MarkedTenant } from './helpers/many-tenants.js';

afterEach(closeEverything);

const WAIT = { timeout: 10_000, interval: 5 };
const EVERYTHING = {
  toolsListChanged: true,
  promptsListChanged: true,
  resourcesListChanged: true,
  resourceSubscriptions: [HERE],
};

type Notifier = ReturnType<Tessera['notify']>;

const CHANGES: readonly { readonly method: string; readonly tell: (notifier: Notifier) => void }[] = [
  {
    method: 'notifications/tools/list_changed',
    tell: (notifier) => {
      notifier.toolsChanged();
    },
  },
  {
    method: 'notifications/prompts/list_changed',
    tell: (notifier) => {
      notifier.promptsChanged();
    },
  },
  {
    method: 'notifications/resources/list_changed',
    tell: (notifier) => {
      notifier.resourcesChanged();
    },
  },
  {
    method: 'notifications/resources/updated',
    tell: (notifier) => {
      notifier.resourceUpdated(HERE);
    },
  },
];

/** A tenant with an open stream in each era. */
interface Listening {
  readonly tenant: MarkedTenant;
  readonly listen: EventReader;
  readonly get: EventReader;
}

async function listenWithAll(cell: Cell): Promise<{ tenants: ManyTenants; listening: Listening[] }> {
  const tenants = await ManyTenants.create(cell, { stateless: { direct: cell.direct } });
  const listening = await Promise.all(
    tenants.all.map(async (tenant): Promise<Listening> => {
      const session = await tenant.open();
      await session.post({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: HERE } });
      return { tenant, listen: await tenant.caller.listen(EVERYTHING), get: await session.listen() };
    }),
  );
  return { tenants, listening };
}

const heard = (reader: EventReader): Record<string, number> =>
  Object.fromEntries(CHANGES.map(({ method }) => [method, reader.count(method)]));

describe.each(HOSTS_BOTH_WAYS)('Changes of one tenant among many ($name)', (cell) => {
  it('Are heard in its own streams of both eras, and in no other.', async () => {
    const { tenants, listening } = await listenWithAll(cell);
    const expected = listening.map(() => Object.fromEntries(CHANGES.map(({ method }) => [method, 0])));
    for (const [round, { method, tell }] of CHANGES.entries()) {
      for (const [index, { tenant }] of listening.entries()) {
        if (index % (round + 2) !== 0) continue;
        tell(tenants.tessera.notify(tenant.id));
        const counts = expected[index] ?? {};
        counts[method] = (counts[method] ?? 0) + 1;
      }
    }
    await vi.waitFor(() => {
      expect(listening.map(({ listen }) => heard(listen))).toEqual(expected);
      expect(listening.map(({ get }) => heard(get))).toEqual(expected);
    }, WAIT);
    // What is told to all comes after everything that was told before it, so nothing else is on its way then.
    for (const { tenant } of listening) tenants.tessera.notify(tenant.id).toolsChanged();
    const [{ method }] = CHANGES as [(typeof CHANGES)[number]];
    const afterwards = expected.map((counts) => ({ ...counts, [method]: (counts[method] ?? 0) + 1 }));
    await vi.waitFor(() => {
      expect(listening.map(({ listen }) => heard(listen))).toEqual(afterwards);
      expect(listening.map(({ get }) => heard(get))).toEqual(afterwards);
    }, WAIT);
    expect(tenants.foreignTexts()).toEqual([]);
    expect(tenants.tessera.getStats()).toMatchObject({ openListens: TENANTS, openStreams: TENANTS });
  }, 60_000);

  it('Are heard by the listen streams of the tenant when its own server tells them during a call.', async () => {
    const { tenants, listening } = await listenWithAll(cell);
    const [method] = CHANGES.map((change) => change.method) as [string];
    const growing = listening.filter((_, index) => index % 5 < 2);
    await Promise.all(
      growing.map(async ({ tenant }) => {
        expect(await tenant.caller.textOf(1, 'grow')).toBe('grown');
      }),
    );
    await vi.waitFor(() => {
      for (const { listen } of growing) expect(listen.count(method)).toBe(1);
    }, WAIT);
    for (const { tenant } of listening) tenants.tessera.notify(tenant.id).promptsChanged();
    await Promise.all(
      listening.map(({ listen }) => listen.untilMethod('notifications/prompts/list_changed')),
    );
    const told = listening.map(({ listen }) => listen.count(method));
    expect(told).toEqual(listening.map((one) => (growing.includes(one) ? 1 : 0)));
  }, 60_000);

  it('Name the request that listens, in every message of its stream.', async () => {
    const tenants = await ManyTenants.create(cell, { stateless: { direct: cell.direct } });
    const [tenant, other] = tenants.all as [MarkedTenant, MarkedTenant];
    const readers = [
      await tenant.caller.listen(EVERYTHING, 'first'),
      await tenant.caller.listen(EVERYTHING, 2),
      await other.caller.listen(EVERYTHING, 'first'),
    ];
    for (const { tell } of CHANGES) tell(tenants.tessera.notify(tenant.id));
    tenants.tessera.notify(other.id).toolsChanged();
    await vi.waitFor(() => {
      expect(readers.map(({ messages }) => messages.length)).toEqual([5, 5, 2]);
    }, WAIT);
    const ids = readers.map(
      ({ messages }) => new Set(messages.map(({ params }) => params?._meta?.[META.subscription])),
    );
    expect(ids).toEqual([new Set(['first']), new Set([2]), new Set(['first'])]);
  });

  it('Reach only the streams that asked for them.', async () => {
    const tenants = await ManyTenants.create(cell, { stateless: { direct: cell.direct } });
    const [tenant] = tenants.all as [MarkedTenant];
    const ofTools = await tenant.caller.listen({ toolsListChanged: true }, 1);
    const ofElsewhere = await tenant.caller.listen({ resourceSubscriptions: ['secret://elsewhere'] }, 2);
    const ofResource = await tenant.caller.listen({ resourceSubscriptions: [HERE] }, 3);
    const untilHeard = (counts: number[]): Promise<void> =>
      vi.waitFor(() => {
        const heardBy = [ofTools, ofElsewhere, ofResource].map(({ messages }) => messages.length - 1);
        expect(heardBy).toEqual(counts);
      }, WAIT);
    for (const { tell } of CHANGES) tell(tenants.tessera.notify(tenant.id));
    await untilHeard([1, 0, 1]);
    // Everything that is told in one moment may be told once, so these come later.
    tenants.tessera.notify(tenant.id).toolsChanged();
    tenants.tessera.notify(tenant.id).resourceUpdated('secret://elsewhere');
    tenants.tessera.notify(tenant.id).resourceUpdated(HERE);
    await untilHeard([2, 1, 2]);
    expect(ofElsewhere.messages.at(-1)?.params?.uri).toBe('secret://elsewhere');
    expect(ofResource.messages.slice(1).map(({ params }) => params?.uri)).toEqual([HERE, HERE]);
  });
});
