import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { serverV1 } from '../one-line-server/helpers/servers.js';
import { gate, pause } from '../one-line-server/helpers/watch.js';
import { closeEverything, closeLater } from '../session-era/helpers/cleanup.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS, type World } from '../session-era/helpers/world.js';
import { until, within } from './helpers/waiting.js';

afterEach(closeEverything);

const AT_ONCE = 1000;

const never = (): Promise<never> => new Promise(() => undefined);

/** The name of the server that answers a new session. */
async function serverOfNewSession(world: World): Promise<string | undefined> {
  const response = await within(AT_ONCE, initialize(world, TOKENS.acme));
  return (await answerOf(response)).result?.serverInfo?.name;
}

/** How an update ended that is not expected to. */
const settled = (update: Promise<void>): Promise<string> =>
  update.then(
    () => 'resolved',
    (error: unknown) => String(error),
  );

describe.each(HOSTS)('Updates that are overtaken by a later one ($name)', (setting) => {
  /** Begins an update whose server is late, overtakes it, and lets the late server come after all. */
  async function overtake(whenOvertaken: (world: World) => Promise<void>): Promise<World> {
    const slow = gate();
    const world = await createWorld(setting, {}, { server: () => serverV1('old') });
    await openSession(world, TOKENS.acme);
    const ofFirst = settled(
      world.tessera.updateTenant('acme', {
        server: async (): Promise<McpServerLike> => {
          await slow.opened;
          return serverV1('slow');
        },
      }),
    );
    await within(AT_ONCE, world.tessera.updateTenant('acme', { server: () => serverV1('fast') }));
    await whenOvertaken(world);
    await within(AT_ONCE, ofFirst);
    slow.open();
    await pause(30);
    return world;
  }

  it('New sessions get the last server at once, and still when the late one has come.', async () => {
    const world = await overtake(async (open) => {
      expect(await serverOfNewSession(open)).toBe('fast');
    });
    expect(await serverOfNewSession(world)).toBe('fast');
    expect(world.tessera.getTenant('acme')).toMatchObject({ serverName: 'fast', generation: 3 });
    expect(world.events('serverUpdated').map(({ newServerName }) => newServerName)).toEqual(['fast']);
    expect(world.events('serverFailed')).toHaveLength(0);
  });

  it('One update is told of, with the generation that is in use.', async () => {
    const world = await overtake(() => Promise.resolve());
    const generation = world.tessera.getTenant('acme')?.generation;
    expect(world.events('tenantUpdated')).toEqual([{ tenantId: 'acme', generation }]);
  });

  it('The signal of an overtaken factory is aborted.', async () => {
    const signals: AbortSignal[] = [];
    const world = await createWorld(setting, {}, { server: () => serverV1('old') });
    await openSession(world, TOKENS.acme);
    const ofFirst = settled(
      world.tessera.updateTenant('acme', {
        server: ({ signal }) => {
          signals.push(signal);
          return never();
        },
      }),
    );
    await until(() => {
      expect(signals).toHaveLength(1);
    });
    await within(AT_ONCE, world.tessera.updateTenant('acme', { server: () => serverV1('fast') }));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await within(AT_ONCE, ofFirst);
  });

  it('A session need not wait for a trial that was overtaken when nobody was left.', async () => {
    const world = await createWorld(setting, {}, { server: () => serverV1('old') });
    const session = await openSession(world, TOKENS.acme);
    const ofFirst = settled(world.tessera.updateTenant('acme', { server: never }));
    await session.end();
    await within(AT_ONCE, world.tessera.updateTenant('acme', { server: () => serverV1('fast') }));
    expect(await serverOfNewSession(world)).toBe('fast');
    await within(AT_ONCE, ofFirst);
  });

  it('A tenant that is removed during a trial is not told to be updated afterwards.', async () => {
    const world = await createWorld(setting, {}, { server: () => serverV1('old') });
    await openSession(world, TOKENS.acme);
    const told: string[] = [];
    for (const name of ['tenantUpdated', 'tenantRemoved', 'serverUpdated', 'serverRemoved'] as const) {
      world.tessera.on(name, () => told.push(name));
    }
    const trial = gate();
    const update = settled(
      world.tessera.updateTenant('acme', {
        server: async () => {
          await trial.opened;
          return serverV1('new');
        },
      }),
    );
    await pause(20);
    world.tessera.removeTenant('acme');
    await within(AT_ONCE, update);
    trial.open();
    await pause(30);
    expect(told).toEqual(['serverRemoved', 'tenantRemoved']);
  });

  it('An initialize that waits for one trial after another is answered after limits.factoryMs.', async () => {
    const world = await createWorld(
      setting,
      { limits: { factoryMs: 200 } },
      { server: () => serverV1('old') },
    );
    await openSession(world, TOKENS.acme);
    const updates: Promise<string>[] = [];
    const update = (): void => {
      updates.push(settled(world.tessera.updateTenant('acme', { server: never })));
    };
    update();
    const timer = setInterval(update, 50);
    closeLater(() => {
      clearInterval(timer);
    });
    const startedAt = performance.now();
    const response = await within(2000, initialize(world, TOKENS.acme));
    expect(response.status).toBe(504);
    expect(performance.now() - startedAt).toBeLessThan(1200);
    clearInterval(timer);
    await within(AT_ONCE, Promise.all(updates));
    expect(await serverOfNewSession(world)).toBe('old');
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 2, callsInFlight: 0 });
  });
});
