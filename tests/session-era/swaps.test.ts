import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from './helpers/cleanup.js';
import { notification, request, textOf } from './helpers/messages.js';
import { openSession, type TestSession } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const whoAmI = async (session: TestSession, id = 1): Promise<string | undefined> =>
  textOf(await answerOf(await session.call(id, 'whoami')));

describe.each(SETTINGS)('A session whose server is replaced ($name)', (setting) => {
  const make = (stage: Stage) => (): ReturnType<typeof setting.sdk.make> => setting.sdk.make(stage);

  it('Goes on under the same id with the new server, and so do new sessions.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    expect(await whoAmI(session)).toBe('acme');
    const next = new Stage('acme two');
    await world.tessera.updateTenant('acme', { server: make(next) });
    expect(await whoAmI(session, 2)).toBe('acme two');
    expect(await whoAmI(await openSession(world, TOKENS.acme))).toBe('acme two');
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 2 });
    expect(world.events('sessionEnded')).toEqual([]);
    expect(world.events('sessionCreated')).toHaveLength(2);
  });

  it('Hears that its lists may have changed, and nobody else does.', async () => {
    const world = await createWorld(setting);
    const stream = await (await openSession(world, TOKENS.acme)).listen();
    const other = await (await openSession(world, TOKENS.globex)).listen();
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme two')) });
    await stream.untilMethod('notifications/tools/list_changed');
    // What the client was not told of cannot change.
    expect(stream.messages).toHaveLength(1);
    world.tessera.notify('globex').toolsChanged();
    await other.untilMethod('notifications/tools/list_changed');
    expect(other.messages).toHaveLength(1);
  });

  it('Gets its new server with its next call only, after one that was tried out.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await openSession(world, TOKENS.acme);
    const next = new Stage('acme two');
    const factory = vi.fn(make(next));
    await world.tessera.updateTenant('acme', { server: factory });
    expect(factory).toHaveBeenCalledTimes(1);
    await session.post(notification('notifications/initialized'));
    expect(factory).toHaveBeenCalledTimes(1);
    // Many calls at once build one server.
    const answers = await Promise.all(Array.from({ length: 20 }, (_, id) => session.call(id, 'whoami')));
    for (const answer of answers) expect(textOf(await answerOf(answer))).toBe('acme two');
    expect(factory).toHaveBeenCalledTimes(2);
  });

  it('Finishes calls in flight on the old server, which closes then and not before.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const held = session.call('same id', 'hold', 'old');
    const call = await world.acme.untilHeld('old');
    const old = vi.spyOn(world.acme.newest().server, 'close');
    const next = new Stage('acme two');
    await world.tessera.updateTenant('acme', { server: make(next) });
    expect(await whoAmI(session)).toBe('acme two');
    const newer = session.call('same id', 'hold', 'new');
    const newCall = await next.untilHeld('new');
    expect(old).not.toHaveBeenCalled();
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await held))).toBe('old');
    await vi.waitFor(() => {
      expect(old).toHaveBeenCalled();
    });
    newCall.release();
    expect(textOf(await answerOf(await newer))).toBe('new');
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 1, callsInFlight: 0 });
  });

  it('Cancels a call on the server that has it.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    void session.call(7, 'hold', 'old').catch(() => undefined);
    const call = await world.acme.untilHeld('old');
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme two')) });
    await whoAmI(session);
    await session.post(notification('notifications/cancelled', { requestId: 7 }));
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
    });
  });

  it('Keeps its log level.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await answerOf(await session.post(request(1, 'logging/setLevel', { level: 'error' })));
    const next = new Stage('acme two');
    await world.tessera.updateTenant('acme', { server: make(next) });
    await whoAmI(session, 2);
    const stream = await session.listen();
    await next.newest().log('warning', 'too low');
    await next.newest().log('error', 'heard');
    await stream.untilMethod('notifications/message');
    const told = stream.messages.filter(({ method }) => method === 'notifications/message');
    expect(told.map(({ params }) => params?.data)).toEqual(['heard']);
  });

  it('Keeps the old server when the new one does not work, and the update says so.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const broken = (): never => {
      throw new Error('no luck');
    };
    await expect(world.tessera.updateTenant('acme', { server: broken })).rejects.toThrow('no luck');
    expect(await whoAmI(session)).toBe('acme');
  });

  it('Keeps the old server when the new one works for others only, and goes on.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const next = new Stage('acme two');
    let made = 0;
    const server = (): ReturnType<typeof setting.sdk.make> => {
      made += 1;
      if (made === 2) throw new Error('not this time');
      return setting.sdk.make(next);
    };
    await world.tessera.updateTenant('acme', { server });
    expect(await whoAmI(session)).toBe('acme');
    expect(await whoAmI(session, 2)).toBe('acme');
    expect(world.events('serverFailed')).toHaveLength(1);
    expect(await whoAmI(await openSession(world, TOKENS.acme))).toBe('acme two');
  });

  it('Keeps the old server when the new one lacks what the client was told of.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await world.tessera.updateTenant('acme', {
      server: () => new McpServer({ name: 'poor', version: '1.0.0' }, { capabilities: { tools: {} } }),
    });
    expect(await whoAmI(session)).toBe('acme');
    expect(world.events('transportError')).toMatchObject([
      { sessionId: session.id, error: { code: 'server_incompatible' } },
    ]);
  });

  it('Has the newest server after many updates, and none of the others stays.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stages = Array.from({ length: 10 }, (_, index) => new Stage(`plan ${String(index)}`));
    for (const stage of stages) await world.tessera.updateTenant('acme', { server: make(stage) });
    expect(await whoAmI(session)).toBe('plan 9');
    // Each was tried out once; only the newest was made for the session as well.
    expect(stages.map(({ instances }) => instances.length)).toEqual([...Array<number>(9).fill(1), 2]);
  });

  it('Ends as always while its new server is being made: a removed token ends its calls.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    let made = 0;
    const next = new Stage('acme two');
    const server = (): Promise<ReturnType<typeof setting.sdk.make>> | ReturnType<typeof setting.sdk.make> => {
      made += 1;
      return made === 1 ? setting.sdk.make(next) : new Promise(() => undefined);
    };
    await world.tessera.updateTenant('acme', { server });
    const call = session.call(1, 'whoami');
    await vi.waitFor(() => {
      expect(made).toBe(2);
    });
    world.tessera.removeToken(TOKENS.acme);
    expect((await call).status).toBe(401);
    expect(world.tessera.getStats().activeSessions).toBe(0);
  });

  it('Keeps the server it has when an update that drains overtakes its new one.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    let release = (): void => undefined;
    let made = 0;
    const slow = new Stage('never used');
    const server = async (): Promise<ReturnType<typeof setting.sdk.make>> => {
      made += 1;
      if (made === 2) await new Promise<void>((resolve) => (release = resolve));
      return setting.sdk.make(slow);
    };
    await world.tessera.updateTenant('acme', { server });
    const call = whoAmI(session);
    await vi.waitFor(() => {
      expect(made).toBe(2);
    });
    const last = make(new Stage('for new sessions'));
    await world.tessera.updateTenant('acme', { server: last }, { sessions: 'drain' });
    release();
    expect(await call).toBe('acme');
    expect(await whoAmI(session, 2)).toBe('acme');
    expect(await whoAmI(await openSession(world, TOKENS.acme))).toBe('for new sessions');
  });

  it('Is refused while its tenant is disabled, and has its new server when it is enabled again.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const next = new Stage('acme two');
    let made = 0;
    const server = (): Promise<ReturnType<typeof setting.sdk.make>> | ReturnType<typeof setting.sdk.make> => {
      made += 1;
      return made === 2 ? new Promise(() => undefined) : setting.sdk.make(next);
    };
    await world.tessera.updateTenant('acme', { server });
    const call = session.call(1, 'whoami');
    await vi.waitFor(() => {
      expect(made).toBe(2);
    });
    await world.tessera.updateTenant('acme', { enabled: false });
    expect((await call).status).toBe(403);
    await world.tessera.updateTenant('acme', { enabled: true });
    expect(await whoAmI(session, 2)).toBe('acme two');
    expect(world.events('transportError')).toEqual([]);
  });

  it('Keeps its server for a while when the old one is drained, and ends then.', async () => {
    const world = await createWorld(setting, { sessions: { keepAliveMs: 100 } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    const update = { sessions: 'drain', graceMs: 400 } as const;
    await world.tessera.updateTenant('acme', { server: make(new Stage('acme two')) }, update);
    expect(await whoAmI(session)).toBe('acme');
    await stream.untilEnd();
    expect((await session.call(2, 'whoami')).status).toBe(404);
    expect(world.events('sessionEnded')).toMatchObject([{ reason: 'updated' }]);
  });
});

describe('Updates under load', () => {
  it('fail no call, and after each the next list is the new one.', async () => {
    const setting = SETTINGS.find(({ socket, name }) => !socket && name.includes('v1')) ?? SETTINGS[0];
    if (setting === undefined) throw new Error('There is no setting.');
    const world = await createWorld(setting, { limits: { calls: 1000 } });
    const sessions = await Promise.all(Array.from({ length: 10 }, () => openSession(world, TOKENS.acme)));
    let label = 'acme';
    const state = { isOver: false, calls: 0 };
    const clients = sessions.map(async (session) => {
      while (!state.isOver) {
        state.calls += 1;
        expect(await whoAmI(session, state.calls)).toMatch(/^(?:acme|plan \d+)$/);
      }
    });
    for (let update = 1; update <= 30; update += 1) {
      const stage = new Stage(`plan ${String(update)}`);
      await world.tessera.updateTenant('acme', { server: () => setting.sdk.make(stage) });
      label = stage.label;
      for (const session of sessions) expect(await whoAmI(session, -update)).toBe(label);
    }
    state.isOver = true;
    await Promise.all(clients);
    expect(state.calls).toBeGreaterThan(100);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 10, callsInFlight: 0 });
  });
});
