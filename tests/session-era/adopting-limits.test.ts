import { memorySessionStore, type StoredSession, type StorePlace } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTime } from '../../packages/core/test/helpers/fake-platform.js';
import { whoAmI } from './helpers/asleep.js';
import { closeEverything } from './helpers/cleanup.js';
import { createReplicas, KEYS, movedTo, OpenStore } from './helpers/handover.js';
import { openSession, type TestSession } from './helpers/session.js';
import { createWorld, IN_PROCESS, OVER_SOCKET, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const setting = IN_PROCESS;

/** A store whose reads wait, with what they have found, until they are let go: the one that came first goes first. */
class SlowStore extends OpenStore {
  readonly #waiting: (() => void)[] = [];

  override async load(place: StorePlace): Promise<StoredSession | undefined> {
    const stored = await super.load(place);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return stored;
  }

  letGo(): void {
    this.#waiting.shift()?.();
  }

  async untilWaiting(count = 1): Promise<void> {
    await vi.waitFor(() => {
      expect(this.#waiting).toHaveLength(count);
    });
  }
}

describe('Adopting counts like opening a session', () => {
  it('Takes the place of the longest unused one, when the tenant has as many as it may have.', async () => {
    const [first, second] = await createReplicas(setting, memorySessionStore(), { limits: { sessions: 2 } });
    const [one, two] = [await openSession(first, TOKENS.acme), await openSession(first, TOKENS.acme)];
    const own = await openSession(second, TOKENS.acme);
    expect(await whoAmI(movedTo(second, one))).toBe('acme');
    expect(await whoAmI(movedTo(second, two))).toBe('acme');
    expect(second.events('sessionEnded')).toMatchObject([{ sessionId: own.id, reason: 'evicted' }]);
    expect(second.tessera.getStats().activeSessions).toBe(2);
  });

  it('Is refused with 429 when there is no room, and works when there is.', async () => {
    const store = new OpenStore();
    const [first, second] = await createReplicas(setting, store, { limits: { sessions: 1 } });
    const session = await openSession(first, TOKENS.acme);
    const own = await openSession(second, TOKENS.acme);
    const stream = await own.listen();
    const moved = movedTo(second, session);
    const refused = await moved.call(1, 'whoami');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(second.events('sessionAdopted')).toEqual([]);
    expect(stream.ended).toBe(false);
    await own.end();
    expect(await whoAmI(moved)).toBe('acme');
  });

  it('Is refused with 503 when all tenants together have as many as they may have.', async () => {
    const shared = { keys: KEYS, stores: { sessions: memorySessionStore() } };
    const first = await createWorld(setting, shared);
    const second = await createWorld(setting, { ...shared, limits: { totalSessions: 2 } });
    const moved = movedTo(second, await openSession(first, TOKENS.globex));
    const own = [await openSession(second, TOKENS.acme), await openSession(second, TOKENS.globex)];
    for (const session of own) await session.listen();
    const refused = await moved.call(1, 'whoami');
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await own[1]?.end();
    expect(await whoAmI(moved)).toBe('globex');
  });

  it('Is slowed down like opening is, and what had to wait is found later.', async () => {
    const time = new FakeTime();
    const limits = { initializeBurst: 2, initializePerSecond: 0.1 };
    const shared = { keys: KEYS, stores: { sessions: memorySessionStore() }, clock: time, timers: time };
    const first = await createWorld(setting, shared);
    const second = await createWorld(setting, { ...shared, limits });
    const sessions: TestSession[] = [];
    for (let count = 0; count < 3; count += 1) {
      sessions.push(movedTo(second, await openSession(first, TOKENS.acme)));
    }
    const statuses: number[] = [];
    for (const session of sessions) statuses.push((await session.call(1, 'whoami')).status);
    expect(statuses).toEqual([200, 200, 429]);
    // What is adopted already costs nothing more.
    expect(await Promise.all(sessions.slice(0, 2).map((session) => whoAmI(session)))).toEqual([
      'acme',
      'acme',
    ]);
    await time.advance(11_000);
    expect((await sessions[2]?.call(1, 'whoami'))?.status).toBe(200);
  });

  it('Costs nothing when there is nothing to adopt.', async () => {
    const limits = { initializeBurst: 1, initializePerSecond: 0.001 };
    const [, second] = await createReplicas(setting, memorySessionStore(), { limits });
    const own = await openSession(second, TOKENS.acme);
    const unknown = movedTo(second, own);
    for (let count = 0; count < 5; count += 1) {
      expect((await unknown.call(1, 'whoami', '', { session: `none-${String(count)}` })).status).toBe(404);
    }
    expect(await whoAmI(own)).toBe('acme');
  });
});

describe.each([IN_PROCESS, OVER_SOCKET])('While the store is being read ($name)', (host) => {
  /** A call to the second world that waits for the store. */
  async function whileReading(): Promise<{ store: SlowStore; world: World; call: Promise<Response> }> {
    const store = new SlowStore();
    const [first, world] = await createReplicas(host, store);
    const moved = movedTo(world, await openSession(first, TOKENS.acme));
    const call = moved.call(1, 'whoami');
    await store.untilWaiting();
    return { store, world, call };
  }

  const expectNothingAdopted = (world: World): void => {
    expect(world.events('sessionAdopted')).toEqual([]);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, activeServers: 0 });
    expect(world.acme.instances).toEqual([]);
  };

  it.each([
    ['the token is removed', 401, (world: World) => world.tessera.removeToken(TOKENS.acme)],
    ['the tenant is removed', 401, (world: World) => world.tessera.removeTenant('acme')],
    ['the tenant is disabled', 403, (world: World) => world.tessera.updateTenant('acme', { enabled: false })],
    ['the tessera is closed', 503, (world: World) => world.tessera.close()],
    ['the tessera is drained', 503, (world: World) => world.tessera.drain({ graceMs: 0 })],
  ])('%s: the call is turned away and nothing is adopted.', async (_what, status, act) => {
    const { store, world, call } = await whileReading();
    await act(world);
    store.letGo();
    expect((await call).status).toBe(status);
    expectNothingAdopted(world);
    expect(store.all()).toHaveLength(1);
  });

  it("Others are not held up, and a sibling's removal changes nothing.", async () => {
    const { store, world, call } = await whileReading();
    expect(await whoAmI(await openSession(world, TOKENS.globex))).toBe('globex');
    expect(await whoAmI(await openSession(world, TOKENS.acme))).toBe('acme');
    world.tessera.removeToken(TOKENS.sibling);
    store.letGo();
    expect((await call).status).toBe(200);
    expect(world.events('sessionAdopted')).toHaveLength(1);
  });

  it('A session that its client ends does not rise again for a call that came with it.', async () => {
    const store = new SlowStore();
    const [first, second] = await createReplicas(host, store);
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    const end = moved.end();
    await store.untilWaiting();
    const call = moved.call(1, 'whoami');
    await store.untilWaiting(2);
    store.letGo();
    expect((await end).status).toBe(200);
    store.letGo();
    await (await call).text();
    expect(second.tessera.getStats().activeSessions).toBe(0);
    expect(store.all()).toEqual([]);
  });
});

describe('A tessera that drains', () => {
  // It has moments to live: another process would keep the session.
  it('Takes over no sessions of others.', async () => {
    const [first, second] = await createReplicas(setting, memorySessionStore());
    const own = await openSession(second, TOKENS.acme);
    const call = own.call(1, 'hold', 'until the end');
    const held = await second.acme.untilHeld('until the end');
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    const drained = second.tessera.drain({ graceMs: 5000 });
    const { status } = await moved.call(1, 'whoami');
    held.release();
    expect((await call).status).toBe(200);
    await drained;
    expect(status).toBe(503);
  });
});
