import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { InitializeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { McpServerLike } from '@tessera-mcp/core';
import { setTimeout as waitMs } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAsleep, failingFactory, PARK_AFTER_MS, slowFactory, whoAmI } from './helpers/asleep.js';
import { closeEverything } from './helpers/cleanup.js';
import { notification } from './helpers/messages.js';
import { SDK_V1, SDK_V2 } from './helpers/servers.js';
import { openSession } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf, type EventReader } from './helpers/streams.js';
import { IN_PROCESS, TOKENS, type Setting } from './helpers/world.js';

afterEach(closeEverything);

const SETTINGS: readonly Setting[] = [SDK_V1, SDK_V2].map((sdk) => ({ ...IN_PROCESS, name: sdk.name, sdk }));
const LISTS_CHANGED = 'notifications/tools/list_changed';

/** A server that answers every `initialize` with one version of MCP. */
function serverOfVersion(protocolVersion: string): McpServerLike {
  const server = new McpServer(
    { name: 'stubborn', version: '1.0.0' },
    { capabilities: { logging: {}, tools: {} } },
  );
  server.server.setRequestHandler(InitializeRequestSchema, () => ({
    protocolVersion,
    capabilities: { logging: {}, tools: { listChanged: true } },
    serverInfo: { name: 'stubborn', version: '1.0.0' },
  }));
  return server;
}

describe.each(SETTINGS)('A parked session whose server is being made again ($name)', (setting) => {
  const make = (stage: Stage) => (): McpServerLike => setting.sdk.make(stage);

  it('Answers all who wait when its server cannot be made, and tries again with the next call.', async () => {
    const factory = vi.fn(failingFactory(make(new Stage('acme')), () => Promise.reject(new Error('no')), 2));
    const { world, session } = await createAsleep(setting, { server: factory });
    const answers = await Promise.all(Array.from({ length: 5 }, (_, id) => session.call(id, 'whoami')));
    for (const answer of answers) {
      expect(answer.status).toBe(500);
      expect((await answerOf(answer)).error?.data?.code).toBe('factory_failed');
    }
    expect(factory).toHaveBeenCalledTimes(2);
    expect((await session.call(1, 'whoami')).status).toBe(500);
    expect(await whoAmI(session)).toBe('acme');
    expect(factory).toHaveBeenCalledTimes(4);
    expect(world.events('sessionEnded')).toEqual([]);
  });

  it('Waits for a server as long as a new session would, and no longer.', async () => {
    const never = vi.fn((): Promise<never> => new Promise(() => undefined));
    const { world, session, time } = await createAsleep(setting, {
      server: failingFactory(make(new Stage('acme')), never),
      tessera: { limits: { factoryMs: 3000 } },
    });
    const answer = session.call(1, 'whoami');
    const isOver = vi.fn();
    void answer.then(isOver);
    await vi.waitFor(() => {
      expect(never).toHaveBeenCalled();
    });
    await time.advance(2900);
    await waitMs(20);
    expect(isOver).not.toHaveBeenCalled();
    await time.advance(200);
    expect((await answer).status).toBe(504);
    expect((await answerOf(await answer)).error?.data?.code).toBe('factory_timeout');
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 1, parkedSessions: 1 });
    expect(await whoAmI(session)).toBe('acme');
  });

  it.each([
    [
      'lacks a capability',
      () => new McpServer({ name: 'poor', version: '1.0.0' }, { capabilities: { tools: {} } }),
    ],
    ['speaks another version', () => serverOfVersion('2025-06-18')],
  ])('Ends when its next server %s, because its client could not know.', async (_why, poor) => {
    let made = 0;
    const server = (): McpServerLike => {
      made += 1;
      return made === 2 ? poor() : setting.sdk.make(new Stage('acme'));
    };
    const streams: EventReader[] = [];
    const { world, session } = await createAsleep(setting, {
      server,
      before: async (awake) => streams.push(await awake.listen()),
    });
    const response = await session.call(1, 'whoami');
    expect(response.status).toBe(404);
    await streams[0]?.untilEnd();
    expect(world.events('sessionEnded')).toMatchObject([{ sessionId: session.id, reason: 'updated' }]);
    expect(world.events('transportError')).toMatchObject([
      { sessionId: session.id, error: { code: 'server_incompatible' } },
    ]);
    expect((await session.call(2, 'whoami')).status).toBe(404);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, openStreams: 0 });
    expect(await whoAmI(await openSession(world, TOKENS.acme))).toBe('acme');
  });

  it('Is asked of its next server in the version that was agreed on, not in the one the client wished for.', async () => {
    let made = 0;
    const stage = new Stage('acme');
    const server = (): McpServerLike => {
      made += 1;
      return made === 1 ? serverOfVersion('2025-06-18') : setting.sdk.make(stage);
    };
    const { world, session } = await createAsleep(setting, { server, version: '2025-11-25' });
    expect(await whoAmI(session)).toBe('acme');
    expect(world.events('transportError')).toEqual([]);
  });

  it('Gets the newest server when there was an update meanwhile.', async () => {
    const old = new Stage('too late');
    const { server, untilAsked, letGo } = slowFactory(make(old));
    const { world, session } = await createAsleep(setting, { server });
    const call = whoAmI(session);
    await untilAsked();
    const next = new Stage('acme two');
    await world.tessera.updateTenant('acme', { server: make(next) });
    letGo();
    expect(await call).toBe('acme two');
    expect(await whoAmI(session, 2)).toBe('acme two');
    // The one that came too late was closed: nothing hears what it says.
    await expect(old.newest().log('error', 'still here')).rejects.toThrow();
  });

  it('Leaves no server behind when its client ends it meanwhile.', async () => {
    const late = new Stage('too late');
    const { server, untilAsked, letGo } = slowFactory(make(late));
    const { world, session } = await createAsleep(setting, { server });
    const call = session.call(1, 'whoami');
    await untilAsked();
    expect((await session.end()).status).toBe(200);
    letGo();
    expect((await call).status).toBe(404);
    await vi.waitFor(() => expect(late.newest().log('error', 'still here')).rejects.toThrow());
    const stats = { activeSessions: 0, parkedSessions: 0, activeServers: 0, callsInFlight: 0 };
    expect(world.tessera.getStats()).toMatchObject(stats);
  });

  it('Does not begin with a call that its client has cancelled meanwhile.', async () => {
    const stage = new Stage('acme');
    const { server, untilAsked, letGo } = slowFactory(make(stage));
    const { session } = await createAsleep(setting, { server });
    void session.call('unwanted', 'hold', 'unwanted').catch(() => undefined);
    await untilAsked();
    const cancelled = notification('notifications/cancelled', { requestId: 'unwanted' });
    expect((await session.post(cancelled)).status).toBe(202);
    letGo();
    expect(await whoAmI(session)).toBe('acme');
    expect(stage.held.filter(({ signal }) => !signal.aborted)).toEqual([]);
  });

  it('Turns the call away when its token is removed meanwhile.', async () => {
    const { server, untilAsked, letGo } = slowFactory(make(new Stage('too late')));
    const { world, session } = await createAsleep(setting, { server });
    const call = session.call(1, 'whoami');
    await untilAsked();
    world.tessera.removeToken(TOKENS.acme);
    expect((await call).status).toBe(401);
    letGo();
    expect(world.events('sessionEnded')).toMatchObject([{ reason: 'revoked' }]);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, activeServers: 0 });
  });

  it('Turns the call away when its tenant is removed meanwhile.', async () => {
    const { server, untilAsked, letGo } = slowFactory(make(new Stage('too late')));
    const { world, session } = await createAsleep(setting, { server });
    const call = session.call(1, 'whoami');
    await untilAsked();
    world.tessera.removeTenant('acme');
    expect((await call).status).toBe(401);
    letGo();
    expect(world.events('sessionEnded')).toMatchObject([{ reason: 'tenantRemoved' }]);
    expect((await session.call(2, 'whoami')).status).toBe(401);
  });

  it('Waits while its tenant is disabled, and wakes up when it is enabled again.', async () => {
    const { server, untilAsked, letGo } = slowFactory(make(new Stage('acme')));
    const { world, session } = await createAsleep(setting, { server });
    const call = session.call(1, 'whoami');
    await untilAsked();
    await world.tessera.updateTenant('acme', { enabled: false });
    expect((await call).status).toBe(403);
    letGo();
    expect((await session.call(2, 'whoami')).status).toBe(403);
    await world.tessera.updateTenant('acme', { enabled: true });
    expect(await whoAmI(session, 3)).toBe('acme');
    expect(world.events('sessionEnded')).toEqual([]);
  });
});

describe.each(SETTINGS)('A parked session whose tenant is updated ($name)', (setting) => {
  const make = (stage: Stage) => (): McpServerLike => setting.sdk.make(stage);

  it('Hears of the update with its next stream, when it has none open.', async () => {
    const { world, session } = await createAsleep(setting);
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme two')) });
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme three')) });
    const stream = await session.listen();
    await stream.untilMethod(LISTS_CHANGED);
    expect(await whoAmI(session)).toBe('acme three');
    expect(stream.count(LISTS_CHANGED)).toBe(1);
  });

  it('Has no old server to keep: one that drains ends it at no time.', async () => {
    const { world, session, time } = await createAsleep(setting);
    const stream = await session.listen();
    const update = { sessions: 'drain', graceMs: 10_000 } as const;
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme two')) }, update);
    await stream.untilMethod(LISTS_CHANGED);
    await time.advance(20_000);
    expect(await whoAmI(session)).toBe('acme two');
    await time.advance(20_000);
    expect(await whoAmI(session, 2)).toBe('acme two');
  });

  it('Ends with an update that ends sessions.', async () => {
    const { world, session } = await createAsleep(setting);
    const update = { sessions: 'end' } as const;
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme two')) }, update);
    expect(world.events('sessionEnded')).toMatchObject([{ reason: 'updated' }]);
    expect((await session.call(1, 'whoami')).status).toBe(404);
  });

  it('Keeps its sleep when the new server does not work, and wakes up with the old one.', async () => {
    const { world, session } = await createAsleep(setting);
    const broken = (): never => {
      throw new Error('no luck');
    };
    await expect(world.tessera.updateTenant('acme', { server: broken })).rejects.toThrow('no luck');
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 1, parkedSessions: 1 });
    expect(await whoAmI(session)).toBe('acme');
  });

  it('Hears that its lists have changed when it was parked with a server that drains.', async () => {
    const { world, session, time } = await createAsleep(setting);
    expect(await whoAmI(session)).toBe('acme');
    const stream = await session.listen();
    const update = { sessions: 'drain', graceMs: 10 * PARK_AFTER_MS } as const;
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme two')) }, update);
    await time.advance(PARK_AFTER_MS + 2000);
    expect(await whoAmI(session, 2)).toBe('acme two');
    await vi.waitFor(
      () => {
        expect(stream.count(LISTS_CHANGED)).toBe(1);
      },
      { timeout: 500 },
    );
  });

  it('Is not ended for the sake of an old server that it has let go of.', async () => {
    const { world, session, time } = await createAsleep(setting);
    expect(await whoAmI(session)).toBe('acme');
    const update = { sessions: 'drain', graceMs: 5 * PARK_AFTER_MS } as const;
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme two')) }, update);
    await time.advance(6 * PARK_AFTER_MS);
    expect(await whoAmI(session, 2)).toBe('acme two');
  });
});

describe.each(SETTINGS)('A tessera that stops with parked sessions ($name)', (setting) => {
  it('Ends them at once and wakes nobody.', async () => {
    const streams: EventReader[] = [];
    const { world, session } = await createAsleep(setting, {
      before: async (awake) => streams.push(await awake.listen()),
    });
    await world.tessera.drain({ graceMs: 60_000 });
    await streams[0]?.untilEnd();
    expect(world.events('sessionEnded')).toMatchObject([{ sessionId: session.id, reason: 'stopped' }]);
    expect(world.acme.instances).toHaveLength(1);
    expect((await session.call(1, 'whoami')).status).toBe(503);
  });

  it('Lets a call finish that waits for its server.', async () => {
    const stage = new Stage('acme');
    const { server, untilAsked, letGo } = slowFactory(() => setting.sdk.make(stage));
    const { world, session, time } = await createAsleep(setting, { server });
    const call = whoAmI(session);
    await untilAsked();
    const drained = world.tessera.drain({ graceMs: 5000 });
    letGo();
    expect(await call).toBe('acme');
    await time.advance(5000);
    await drained;
  });
});
