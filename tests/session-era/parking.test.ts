import { createTessera, type TenantOptions, type TesseraOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTime } from '../../packages/core/test/helpers/fake-platform.js';
import { closeEverything } from './helpers/cleanup.js';
import { notification, request, textOf } from './helpers/messages.js';
import { askOutsideOfCalls } from './helpers/resource-servers.js';
import { openSession, type TestSession } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS, type Setting, type World } from './helpers/world.js';

afterEach(closeEverything);

const PARK_AFTER_MS = 60_000;
const ALMOST = PARK_AFTER_MS - 2000;
const ENOUGH = PARK_AFTER_MS + 2000;

interface SleepyWorld extends World {
  readonly time: FakeTime;
}

async function createSleepyWorld(
  setting: Setting,
  ofAcme: Partial<TenantOptions> = {},
  options: TesseraOptions = {},
): Promise<SleepyWorld> {
  const time = new FakeTime();
  const acme = { parkAfterMs: PARK_AFTER_MS, ...ofAcme };
  return { ...(await createWorld(setting, { clock: time, timers: time, ...options }, acme)), time };
}

const whoAmI = async (session: TestSession, id = 1): Promise<string | undefined> =>
  textOf(await answerOf(await session.call(id, 'whoami')));

describe.each(SETTINGS)('A session that nobody uses for a while ($name)', (setting) => {
  it('Lets go of its server, stays, and gets another one with its next call.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const close = vi.spyOn(world.acme.newest().server, 'close');
    await world.time.advance(ALMOST);
    expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 0, activeServers: 1 });
    expect(close).not.toHaveBeenCalled();
    await world.time.advance(ENOUGH - ALMOST);
    expect(close).toHaveBeenCalledTimes(1);
    const parked = { activeSessions: 1, parkedSessions: 1, activeServers: 0 };
    expect(world.tessera.getStats()).toMatchObject(parked);
    expect(world.events('sessionParked')).toMatchObject([
      { sessionId: session.id, tenantId: 'acme', serverName: 'acme' },
    ]);
    expect(world.tessera.getActiveSessions()).toMatchObject([{ sessionId: session.id }]);
    expect(world.acme.instances).toHaveLength(1);
    expect(await whoAmI(session)).toBe('acme');
    expect(world.acme.instances).toHaveLength(2);
    const awake = { activeSessions: 1, parkedSessions: 0, activeServers: 1, callsInFlight: 0 };
    expect(world.tessera.getStats()).toMatchObject(awake);
    expect(world.events('sessionEnded')).toEqual([]);
    expect(world.events('sessionCreated')).toHaveLength(1);
    expect(world.events('transportError')).toEqual([]);
  });

  it('Does so again and again.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    for (let cycle = 1; cycle <= 3; cycle += 1) {
      await world.time.advance(ENOUGH);
      expect(world.events('sessionParked')).toHaveLength(cycle);
      // It is told once, however long it lasts.
      await world.time.advance(ENOUGH);
      expect(world.events('sessionParked')).toHaveLength(cycle);
      expect(await whoAmI(session, cycle)).toBe('acme');
      expect(world.acme.instances).toHaveLength(cycle + 1);
    }
  });

  it('Keeps its server when nothing was said of parking.', async () => {
    const time = new FakeTime();
    const world = await createWorld(setting, { clock: time, timers: time });
    const session = await openSession(world, TOKENS.acme);
    await time.advance(29 * 60_000);
    expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 0, activeServers: 1 });
    expect(await whoAmI(session)).toBe('acme');
    expect(world.acme.instances).toHaveLength(1);
    expect(world.events('sessionParked')).toEqual([]);
  });

  it('Leaves the sessions of others alone.', async () => {
    const world = await createSleepyWorld(setting);
    await openSession(world, TOKENS.acme);
    await openSession(world, TOKENS.globex);
    await world.time.advance(ALMOST);
    await openSession(world, TOKENS.sibling);
    await world.time.advance(ENOUGH - ALMOST);
    // One of acme's two is parked; globex has not asked for parking.
    const stats = { activeSessions: 3, parkedSessions: 1, activeServers: 2 };
    expect(world.tessera.getStats()).toMatchObject(stats);
  });

  it('Has its server for as long as messages come, of whatever kind.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const messages = [
      request(1, 'ping'),
      notification('notifications/roots/list_changed'),
      notification('notifications/cancelled', { requestId: 'unknown' }),
      request(2, 'tools/list'),
    ];
    for (const message of messages) {
      await world.time.advance(ALMOST);
      await (await session.post(message)).text();
    }
    await world.time.advance(ALMOST);
    expect(world.events('sessionParked')).toEqual([]);
    expect(world.acme.instances).toHaveLength(1);
  });

  it('Is not parked while a call runs, and the time counts from its end.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'long');
    const call = await world.acme.untilHeld('long');
    await world.time.advance(10 * PARK_AFTER_MS);
    expect(world.events('sessionParked')).toEqual([]);
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await answer))).toBe('long');
    await world.time.advance(ALMOST);
    expect(world.events('sessionParked')).toEqual([]);
    await world.time.advance(ENOUGH - ALMOST);
    expect(world.events('sessionParked')).toHaveLength(1);
  });

  it('Is not parked while its client has a question to answer.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme, { capabilities: { elicitation: {} } });
    const stream = await session.listen();
    const asked = askOutsideOfCalls(world.acme.newest(), 'Your name?');
    const question = await stream.untilMethod('elicitation/create');
    await world.time.advance(5 * PARK_AFTER_MS);
    expect(world.events('sessionParked')).toEqual([]);
    const result = { action: 'accept', content: { name: 'Ada' } };
    await session.post({ jsonrpc: '2.0', id: question.id, result });
    expect(await asked).toMatchObject(result);
    await world.time.advance(ENOUGH);
    expect(world.events('sessionParked')).toHaveLength(1);
  });

  it('Is not parked while a newer server is being made for it.', async () => {
    const world = await createSleepyWorld(setting, { parkAfterMs: 3000 }, { limits: { factoryMs: 60_000 } });
    const session = await openSession(world, TOKENS.acme);
    const next = new Stage('acme two');
    let made = 0;
    let release = (): void => undefined;
    const server = async (): Promise<ReturnType<typeof setting.sdk.make>> => {
      made += 1;
      if (made === 2) await new Promise<void>((resolve) => (release = resolve));
      return setting.sdk.make(next);
    };
    await world.tessera.updateTenant('acme', { server });
    const old = vi.spyOn(world.acme.newest().server, 'close');
    const answer = whoAmI(session);
    await vi.waitFor(() => {
      expect(made).toBe(2);
    });
    await world.time.advance(20_000);
    expect(old).not.toHaveBeenCalled();
    expect(world.events('sessionParked')).toEqual([]);
    release();
    expect(await answer).toBe('acme two');
    expect(old).toHaveBeenCalledTimes(1);
    expect(made).toBe(2);
  });

  it('Keeps its GET streams, and a new one wakes nobody.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    await world.time.advance(ENOUGH);
    expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 1, openStreams: 1 });
    world.tessera.notify('acme').toolsChanged();
    await stream.untilMethod('notifications/tools/list_changed');
    const second = await session.listen();
    world.tessera.notify('acme').toolsChanged();
    await second.untilMethod('notifications/tools/list_changed');
    expect(stream.count('notifications/tools/list_changed')).toBe(1);
    expect(stream.ended).toBe(false);
    expect(world.acme.instances).toHaveLength(1);
    // What the next server says comes in there as well.
    await whoAmI(session);
    await world.acme.newest().log('error', 'from the second server');
    const told = await second.untilMethod('notifications/message');
    expect(told.params?.data).toBe('from the second server');
  });

  it('Takes notifications and answers without waking up.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await world.time.advance(ENOUGH);
    for (const message of [
      notification('notifications/roots/list_changed'),
      notification('notifications/cancelled', { requestId: 1 }),
      notification('notifications/initialized'),
      { jsonrpc: '2.0', id: 99, result: {} },
    ]) {
      expect((await session.post(message)).status).toBe(202);
    }
    expect(world.acme.instances).toHaveLength(1);
    expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 1 });
  });

  it('Can be ended by its client without waking up.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    await world.time.advance(ENOUGH);
    expect((await session.end()).status).toBe(200);
    await stream.untilEnd();
    expect(world.events('sessionEnded')).toMatchObject([{ sessionId: session.id, reason: 'deleted' }]);
    expect((await session.call(1, 'whoami')).status).toBe(404);
    expect(world.acme.instances).toHaveLength(1);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, parkedSessions: 0, openStreams: 0 });
  });
});

describe('Parking', () => {
  const [setting] = SETTINGS;
  if (setting === undefined) throw new Error('There is no setting.');

  it('Does not keep a session alive that nobody comes back to.', async () => {
    const world = await createSleepyWorld(setting, {}, { sessions: { idleMs: 3 * PARK_AFTER_MS } });
    const session = await openSession(world, TOKENS.acme);
    await world.time.advance(2 * PARK_AFTER_MS);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 1, parkedSessions: 1 });
    await world.time.advance(PARK_AFTER_MS + 2000);
    expect(world.events('sessionEnded')).toMatchObject([{ reason: 'idle' }]);
    expect((await session.call(1, 'whoami')).status).toBe(404);
  });

  it('Ends with the token: a removed one ends parked sessions too.', async () => {
    const world = await createSleepyWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    await world.time.advance(ENOUGH);
    world.tessera.removeToken(TOKENS.acme);
    await stream.untilEnd();
    expect((await session.call(1, 'whoami')).status).toBe(401);
    expect(world.events('sessionEnded')).toMatchObject([{ reason: 'revoked' }]);
  });

  it.each(['rejects', 'throws', 'never settles'])('Works with a server whose close %s.', async (how) => {
    const stage = new Stage('stubborn');
    const world = await createSleepyWorld(setting, {
      server: () => {
        const server = setting.sdk.make(stage);
        server.close = () => {
          if (how === 'throws') throw new Error('It will not close.');
          return how === 'rejects' ? Promise.reject(new Error('It will not close.')) : new Promise(() => {});
        };
        return server;
      },
    });
    const session = await openSession(world, TOKENS.acme);
    await world.time.advance(ENOUGH);
    expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 1, activeServers: 0 });
    expect(await whoAmI(session)).toBe('stubborn');
    expect(world.events('sessionEnded')).toEqual([]);
  });

  it('Needs a time that makes sense.', () => {
    const tessera = createTessera();
    for (const parkAfterMs of [-1, Number.NaN, '60000', null]) {
      const tenant = { id: 'acme', server: () => setting.sdk.make(new Stage('never')), parkAfterMs };
      expect(() => {
        tessera.addTenant(tenant as TenantOptions);
      }).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    }
    expect(tessera.tenants()).toEqual([]);
  });
});
