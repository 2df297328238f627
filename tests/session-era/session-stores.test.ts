import { type SessionEndReason, type StoredSession, type TesseraOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTime } from '../../packages/core/test/helpers/fake-platform.js';
import { whoAmI } from './helpers/asleep.js';
import { closeEverything } from './helpers/cleanup.js';
import { createReplicas, KEYS, movedTo, OpenStore } from './helpers/handover.js';
import { request } from './helpers/messages.js';
import { UNWATCHED, withSubscriptions } from './helpers/resource-servers.js';
import { initialize, openSession, type TestSession } from './helpers/session.js';
import { SDK_V1, SDK_V2 } from './helpers/servers.js';
import { Stage } from './helpers/stage.js';
import { answerOf } from './helpers/streams.js';
import { createWorld, IN_PROCESS, newToken, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const setting = IN_PROCESS;

const setLevel = async (session: TestSession, level: string): Promise<void> => {
  await answerOf(await session.post(request(level, 'logging/setLevel', { level })));
};

describe.each([SDK_V1, SDK_V2])('What a store keeps of a session ($name)', (sdk) => {
  it('Is plain JSON that tells whose it is, and what was said that a new server has to know.', async () => {
    const store = new OpenStore();
    const save = vi.spyOn(store, 'save');
    const watched = withSubscriptions(sdk, []);
    const [world] = await createReplicas({ ...setting, sdk: watched }, store);
    const before = Date.now();
    const capabilities = { elicitation: {} };
    const session = await openSession(world, TOKENS.acme, { version: '2025-06-18', capabilities });
    await setLevel(session, 'error');
    for (const uri of ['test://one', 'test://two', UNWATCHED]) {
      await answerOf(await session.post(request(uri, 'resources/subscribe', { uri })));
    }
    const [kept] = store.all();
    expect(kept).toMatchObject({
      conversation: {
        initialize: { capabilities, clientInfo: { name: 'test client', version: '1.0.0' } },
        protocolVersion: '2025-06-18',
        server: { name: 'acme', version: '1.0.0' },
        capabilities: { logging: {}, tools: { listChanged: true } },
        initialized: true,
        logLevel: 'error',
        subscriptions: ['test://one', 'test://two'],
      },
    });
    const names = ['conversation', 'createdAt', 'expiresAt', 'owner', 'subject'];
    expect(Object.keys(kept ?? {}).sort()).toEqual(names);
    expect(kept?.createdAt).toBeGreaterThanOrEqual(before);
    // It may be forgotten some time after the session would have ended without use, and not earlier.
    expect(kept?.expiresAt).toBeGreaterThanOrEqual(before + 1_800_000);
    for (const [place, stored] of save.mock.calls) {
      expect(stored).toEqual(JSON.parse(JSON.stringify(stored)));
      expect(Object.keys(place).sort()).toEqual(['session', 'tenantId']);
      expect(place.tenantId).toBe('acme');
    }
    const everything = JSON.stringify(save.mock.calls);
    for (const secret of [session.id, TOKENS.acme, TOKENS.globex, KEYS.secret]) {
      expect(everything).not.toContain(secret);
    }
  });

  it('Is written when something changes, and what was written before stays as it was.', async () => {
    const written: string[] = [];
    const seen: StoredSession[] = [];
    const store = new OpenStore();
    const save = store.save.bind(store);
    store.save = (place, stored) => {
      written.push(JSON.stringify(stored));
      seen.push(stored);
      return save(place, stored);
    };
    const watched = withSubscriptions(sdk, []);
    const [world] = await createReplicas({ ...setting, sdk: watched }, store);
    const session = await openSession(world, TOKENS.acme);
    const { saves } = store;
    await whoAmI(session);
    await answerOf(await session.post(request(1, 'logging/setLevel', { level: 'no such level' })));
    await answerOf(await session.post(request(2, 'resources/subscribe', { uri: UNWATCHED })));
    expect(store.saves).toBe(saves);
    await setLevel(session, 'warning');
    await answerOf(await session.post(request(3, 'resources/subscribe', { uri: 'test://one' })));
    await answerOf(await session.post(request(4, 'resources/unsubscribe', { uri: 'test://one' })));
    expect(store.saves).toBe(saves + 3);
    expect(store.all()[0]?.conversation).toMatchObject({ logLevel: 'warning', subscriptions: [] });
    expect(seen.map((stored) => JSON.stringify(stored))).toEqual(written);
  });
});

describe('A session in a store', () => {
  it('Has a place of its own, and none before its server has accepted it.', async () => {
    const store = new OpenStore();
    const [world] = await createReplicas(setting, store);
    await openSession(world, TOKENS.acme);
    await openSession(world, TOKENS.acme);
    await openSession(world, TOKENS.globex);
    expect(store.texts.size).toBe(3);
    const refusing = await createWorld(
      setting,
      { keys: KEYS, stores: { sessions: store } },
      {
        server: () => {
          throw new Error('no server today');
        },
      },
    );
    expect((await initialize(refusing, TOKENS.acme)).status).toBe(500);
    expect(store.texts.size).toBe(3);
  });

  it('Is kept for longer while it is used.', async () => {
    const time = new FakeTime();
    const store = new OpenStore();
    const options = { clock: time, timers: time, sessions: { idleMs: 100_000 } };
    const [first, second] = await createReplicas(setting, store, options);
    const session = await openSession(first, TOKENS.acme);
    for (let minute = 0; minute < 10; minute += 1) {
      await time.advance(60_000);
      await whoAmI(session);
    }
    // It would live for 100 seconds more, so another process can have it for as long.
    await time.advance(95_000);
    expect(await whoAmI(movedTo(second, session))).toBe('acme');
  });

  // Nothing is said in it, but its stream is open: it does not end, and so it must not be forgotten.
  it('Is kept for as long as its client listens.', async () => {
    const time = new FakeTime();
    const store = new OpenStore();
    const options = { clock: time, timers: time, sessions: { idleMs: 100_000 } };
    const [first, second] = await createReplicas(setting, store, options);
    const session = await openSession(first, TOKENS.acme);
    const stream = await session.listen();
    await time.advance(300_000);
    expect(stream.ended).toBe(false);
    expect(first.tessera.getStats().activeSessions).toBe(1);
    expect(await whoAmI(movedTo(second, session))).toBe('acme');
  });

  it('Is not adopted when its time is over.', async () => {
    const time = new FakeTime();
    const store = new OpenStore();
    const options = { clock: time, timers: time, sessions: { idleMs: 100_000 } };
    const [first, second] = await createReplicas(setting, store, options);
    const session = await openSession(first, TOKENS.acme);
    store.replaceAll((stored) => ({ ...stored, expiresAt: time.now() + 1000 }));
    await time.advance(1000);
    expect((await movedTo(second, session).call(1, 'whoami')).status).toBe(404);
    expect(second.events('transportError')).toEqual([]);
  });
});

interface Ending {
  readonly how: string;
  readonly reason: SessionEndReason;
  readonly isKept: boolean;
  readonly act: (world: World, session: TestSession, time: FakeTime) => unknown;
  readonly options?: TesseraOptions;
}

const ENDINGS: readonly Ending[] = [
  { how: 'its client ends it', reason: 'deleted', isKept: false, act: (_world, session) => session.end() },
  {
    how: 'nobody uses it',
    reason: 'idle',
    isKept: false,
    act: (_world, _session, time) => time.advance(2_000_000),
  },
  {
    how: 'its token is removed',
    reason: 'revoked',
    isKept: false,
    act: ({ tessera }) => tessera.removeToken(TOKENS.acme),
  },
  {
    how: 'its token expires',
    reason: 'expired',
    isKept: false,
    act: (_world, _session, time) => time.advance(700_000),
  },
  {
    how: 'another one needs its room',
    reason: 'evicted',
    isKept: false,
    options: { limits: { sessions: 1 } },
    act: async (world) => {
      await (await openSession(world, TOKENS.acme)).end();
    },
  },
  {
    how: 'its tenant is removed',
    reason: 'tenantRemoved',
    isKept: false,
    act: ({ tessera }) => tessera.removeTenant('acme'),
  },
  {
    how: 'an update ends it',
    reason: 'updated',
    isKept: false,
    act: ({ tessera }) =>
      tessera.updateTenant('acme', { server: () => SDK_V1.make(new Stage('two')) }, { sessions: 'end' }),
  },
  {
    how: 'its server closes itself',
    reason: 'serverClosed',
    isKept: false,
    act: ({ acme }) => acme.newest().server.close(),
  },
  { how: 'the tessera is closed', reason: 'stopped', isKept: true, act: ({ tessera }) => tessera.close() },
  {
    how: 'the tessera is drained',
    reason: 'stopped',
    isKept: true,
    act: ({ tessera }) => tessera.drain({ graceMs: 0 }),
  },
];

describe('When a session ends because', () => {
  it.each(ENDINGS)('$how, it is kept: $isKept.', async ({ how, reason, isKept, act, options }) => {
    const time = new FakeTime();
    const store = new OpenStore();
    const shared = { keys: KEYS, stores: { sessions: store }, clock: time, timers: time, ...options };
    const world = await createWorld(setting, shared);
    let token = TOKENS.acme;
    if (how === 'its token expires') {
      token = newToken();
      world.tessera.addToken('acme', token, { expiresAt: time.now() + 600_000 });
    }
    const session = await openSession(world, token);
    await setLevel(session, 'error');
    expect(store.texts.size).toBe(1);
    await act(world, session, time);
    await vi.waitFor(() => {
      expect(world.events('sessionEnded')[0]).toMatchObject({ sessionId: session.id, reason });
    });
    expect(store.all()).toHaveLength(isKept ? 1 : 0);
    if (isKept) expect(store.all()[0]?.conversation.logLevel).toBe('error');
  });
});

describe('A session that another process has now', () => {
  it('Is not taken out when the one before finds it idle.', async () => {
    const time = new FakeTime();
    const store = new OpenStore();
    const options = { clock: time, timers: time, sessions: { idleMs: 100_000 } };
    const [first, second] = await createReplicas(setting, store, options);
    const session = await openSession(first, TOKENS.acme);
    const [before] = store.all();
    const moved = movedTo(second, session);
    await time.advance(60_000);
    await whoAmI(moved);
    expect(store.all()[0]?.owner).not.toBe(before?.owner);
    await time.advance(60_000);
    expect(first.events('sessionEnded')).toMatchObject([{ reason: 'idle' }]);
    expect(second.events('sessionEnded')).toEqual([]);
    expect(store.all()).toHaveLength(1);
    await second.tessera.close();
    const [third] = await createReplicas(setting, store, options);
    expect(await whoAmI(movedTo(third, session))).toBe('acme');
  });

  it('Keeps what it has learnt there when the one before closes later.', async () => {
    const store = new OpenStore();
    const [first, second] = await createReplicas(setting, store);
    const session = await openSession(first, TOKENS.acme);
    await setLevel(movedTo(second, session), 'error');
    const [learnt] = store.all();
    expect(learnt?.conversation.logLevel).toBe('error');
    await first.tessera.close();
    expect(store.all()).toEqual([learnt]);
  });
});
