import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { serverV1 } from '../one-line-server/helpers/servers.js';
import { gate } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from '../session-era/helpers/world.js';
import { until, within } from './helpers/waiting.js';

afterEach(closeEverything);

const CASES: readonly ['drain' | 'end', string, number][] = [
  ['drain', 'no other sessions', 0],
  ['drain', 'two other sessions', 2],
  ['end', 'no other sessions', 0],
  ['end', 'two other sessions', 2],
];

describe.each(HOSTS)('A session that is opened while the server is replaced ($name)', (setting) => {
  it.each(CASES)(
    'With the choice to %s sessions and with %s, it gets the new server only.',
    async (sessions, _others, others) => {
      const slow = gate();
      const waiting: ReturnType<typeof serverV1>[] = [];
      let isSlow = false;
      const server = async (): Promise<McpServerLike> => {
        const one = serverV1('old');
        if (isSlow) {
          waiting.push(one);
          await slow.opened;
        }
        return one;
      };
      const world = await createWorld(setting, {}, { server });
      for (let count = 0; count < others; count += 1) await openSession(world, TOKENS.sibling);
      isSlow = true;
      const opening = initialize(world, TOKENS.acme);
      await until(() => {
        expect(waiting).toHaveLength(1);
      });
      await world.tessera.updateTenant('acme', { server: () => serverV1('new') }, { sessions });
      slow.open();
      const response = await within(2000, opening);
      expect(response.status).toBe(200);
      expect((await answerOf(response)).result?.serverInfo?.name).toBe('new');
      const names = world.tessera.getActiveSessions().map(({ serverName }) => serverName);
      const kept = sessions === 'drain' ? others : 0;
      expect(names.sort()).toEqual(['new', ...Array.from({ length: kept }, () => 'old')]);
      const created = world.events('sessionCreated').map(({ serverName }) => serverName);
      expect(created).toEqual([...Array.from({ length: others }, () => 'old'), 'new']);
      expect(world.events('sessionEnded')).toHaveLength(others - kept);
      expect(waiting.map((one) => one.isConnected())).toEqual([false]);
      expect(world.tessera.getTenant('acme')?.serverName).toBe('new');
      expect(world.tessera.getStats()).toMatchObject({ activeSessions: kept + 1, callsInFlight: 0 });
    },
  );

  it('It counts once against the cap of sessions, though it was opened twice.', async () => {
    const slow = gate();
    let asked = 0;
    const server = async (): Promise<McpServerLike> => {
      asked += 1;
      await slow.opened;
      return serverV1('old');
    };
    const world = await createWorld(setting, {}, { server, limits: { sessions: 2 } });
    const opening = initialize(world, TOKENS.acme);
    await until(() => {
      expect(asked).toBe(1);
    });
    await world.tessera.updateTenant('acme', { server: () => serverV1('new') });
    slow.open();
    expect((await opening).status).toBe(200);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect(world.events('sessionEnded')).toEqual([]);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect(world.events('sessionEnded')).toMatchObject([{ reason: 'evicted' }]);
  });
});
