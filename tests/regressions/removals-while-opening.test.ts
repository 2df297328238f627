import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { serverV1 } from '../one-line-server/helpers/servers.js';
import { gate, pause } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { expectUnauthorized } from '../session-era/helpers/refusals.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { createWorld, HOSTS, TOKENS, type World } from '../session-era/helpers/world.js';
import { until, within } from './helpers/waiting.js';

afterEach(closeEverything);

/** Far below `limits.factoryMs`, which is the time a caller would wait otherwise. */
const AT_ONCE = 1000;

describe.each(HOSTS)('Access that is taken while a factory hangs ($name)', (setting) => {
  it.each<[string, (world: World) => void]>([
    ['a token', ({ tessera }) => tessera.removeToken(TOKENS.acme)],
    ['a tenant', ({ tessera }) => tessera.removeTenant('acme')],
  ])(
    'Removing %s answers initialize at once and aborts the signal of the factory.',
    async (_what, remove) => {
      const signals: AbortSignal[] = [];
      const world = await createWorld(
        setting,
        {},
        {
          server: ({ signal }) => {
            signals.push(signal);
            return new Promise<never>(() => undefined);
          },
        },
      );
      const opening = initialize(world, TOKENS.acme);
      await until(() => {
        expect(signals).toHaveLength(1);
      });
      expect(signals[0]?.aborted).toBe(false);
      remove(world);
      expect(signals[0]?.aborted).toBe(true);
      await expectUnauthorized(await within(AT_ONCE, opening));
      expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0 });
      expect(world.events('serverFailed')).toHaveLength(0);
    },
  );

  it('Removing a token leaves the sibling waiting for its own server.', async () => {
    const open = gate();
    let asked = 0;
    const server = async (): Promise<McpServerLike> => {
      asked += 1;
      await open.opened;
      return serverV1('slow');
    };
    const world = await createWorld(setting, {}, { server });
    const own = initialize(world, TOKENS.acme);
    const sibling = initialize(world, TOKENS.sibling);
    await until(() => {
      expect(asked).toBe(2);
    });
    world.tessera.removeToken(TOKENS.acme);
    expect((await within(AT_ONCE, own)).status).toBe(401);
    open.open();
    expect((await sibling).status).toBe(200);
  });
});

describe.each(HOSTS)('A tenant that is removed while an update is tried out ($name)', (setting) => {
  it('Its old factory is not called for those who waited, who get 401 at once.', async () => {
    const trial = gate();
    let old = 0;
    let tried = 0;
    const server = (): McpServerLike => {
      old += 1;
      return serverV1('old');
    };
    const world = await createWorld(setting, {}, { server });
    await openSession(world, TOKENS.acme);
    expect(old).toBe(1);
    const update = world.tessera.updateTenant('acme', {
      server: async () => {
        tried += 1;
        await trial.opened;
        return serverV1('new');
      },
    });
    const settled = update.then(
      () => undefined,
      () => undefined,
    );
    await until(() => {
      expect(tried).toBe(1);
    });
    const waiting = [1, 2, 3].map(() => initialize(world, TOKENS.acme));
    await pause(30);
    world.tessera.removeTenant('acme');
    for (const response of await within(AT_ONCE, Promise.all(waiting))) await expectUnauthorized(response);
    await within(AT_ONCE, settled);
    trial.open();
    await pause(30);
    expect([old, tried]).toEqual([1, 1]);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0 });
    expect(world.events('serverUpdated')).toHaveLength(0);
  });
});
