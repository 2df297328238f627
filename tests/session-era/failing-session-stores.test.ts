import { setTimeout as waitMs } from 'node:timers/promises';
import { createTessera, type StoredSession } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTime } from '../../packages/core/test/helpers/fake-platform.js';
import { whoAmI } from './helpers/asleep.js';
import { closeEverything } from './helpers/cleanup.js';
import { createReplicas, KEYS, movedTo, OpenStore } from './helpers/handover.js';
import { request } from './helpers/messages.js';
import { openSession, type TestSession } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf } from './helpers/streams.js';
import { IN_PROCESS, OVER_SOCKET, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

type Method = 'save' | 'load' | 'remove';
type Failure = 'throws' | 'rejects';

/** A store that does its work, but for one method while it is broken. */
class BreakingStore extends OpenStore {
  broken: { readonly method: Method; readonly how: Failure } | undefined;

  override save(...given: Parameters<OpenStore['save']>): void | Promise<void> {
    return this.#fail('save') ?? super.save(...given);
  }

  override load(
    ...given: Parameters<OpenStore['load']>
  ): StoredSession | undefined | Promise<StoredSession | undefined> {
    return this.#fail('load') ?? super.load(...given);
  }

  override remove(...given: Parameters<OpenStore['remove']>): void | Promise<void> {
    return this.#fail('remove') ?? super.remove(...given);
  }

  #fail(method: Method): Promise<never> | undefined {
    if (this.broken?.method !== method) return undefined;
    const error = new Error(`The disk is full: ${method}.`);
    if (this.broken.how === 'throws') throw error;
    return Promise.reject(error);
  }
}

const setLevel = async (session: TestSession, level: string): Promise<void> => {
  const answer = await answerOf(await session.post(request(level, 'logging/setLevel', { level })));
  expect(answer.result).toEqual({});
};

/** As much of a world as a session needs. */
const worldOf = (tessera: World['tessera']): World =>
  ({
    tessera,
    send: ({ method = 'POST', headers = {}, body }) =>
      tessera.fetch(
        new Request('http://localhost/mcp', { method, headers, ...(body === undefined ? {} : { body }) }),
      ),
  }) as Partial<World> as World;

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze<unknown>(part);
    Object.freeze(value);
  }
  return value;
}

const FAILURES: readonly Failure[] = ['throws', 'rejects'];

describe.each([IN_PROCESS, OVER_SOCKET])('A session store that fails ($name)', (setting) => {
  it.each(FAILURES)('%s when it should save: nobody notices, and the program is told.', async (how) => {
    const store = new BreakingStore();
    const [world, second] = await createReplicas(setting, store);
    store.broken = { method: 'save', how };
    const session = await openSession(world, TOKENS.acme);
    await setLevel(session, 'error');
    expect(await whoAmI(session)).toBe('acme');
    await vi.waitFor(() => {
      expect(world.events('transportError').length).toBeGreaterThan(0);
    });
    for (const event of world.events('transportError')) {
      expect(event).toMatchObject({ tenantId: 'acme', sessionId: session.id });
      expect(event.error.message).toBe('The disk is full: save.');
    }
    expect(store.texts.size).toBe(0);
    // The next change is written as if nothing had been.
    store.broken = undefined;
    await setLevel(session, 'warning');
    expect(store.all()[0]?.conversation.logLevel).toBe('warning');
    expect(await whoAmI(movedTo(second, session))).toBe('acme');
  });

  it.each(FAILURES)('%s when it should load: the session is not found, and is found later.', async (how) => {
    const store = new BreakingStore();
    const [first, second] = await createReplicas(setting, store);
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    store.broken = { method: 'load', how };
    const answer = await moved.call(1, 'whoami');
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('disk');
    expect(second.events('transportError')).toMatchObject([
      { tenantId: 'acme', error: { message: 'The disk is full: load.' } },
    ]);
    // Whoever has a session here is not affected.
    expect(await whoAmI(await openSession(second, TOKENS.acme))).toBe('acme');
    store.broken = undefined;
    expect(await whoAmI(moved)).toBe('acme');
  });

  it.each(FAILURES)('%s when it should remove: the session ends all the same.', async (how) => {
    const store = new BreakingStore();
    const [world] = await createReplicas(setting, store);
    const session = await openSession(world, TOKENS.acme);
    store.broken = { method: 'remove', how };
    expect((await session.end()).status).toBe(200);
    expect(world.events('sessionEnded')).toMatchObject([{ reason: 'deleted' }]);
    await vi.waitFor(() => {
      expect(world.events('transportError')).toMatchObject([
        { sessionId: session.id, error: { message: 'The disk is full: remove.' } },
      ]);
    });
    expect(world.tessera.getStats().activeSessions).toBe(0);
  });

  const whole = (stored: StoredSession): Record<string, unknown> => ({ ...stored });
  const said = (stored: StoredSession): Record<string, unknown> => ({ ...stored.conversation });
  it.each<[string, (stored: StoredSession) => unknown]>([
    ['a text', () => 'session'],
    ['a number', () => 7],
    ['a list', () => []],
    ['an empty object', () => ({})],
    ['no subject', (stored) => ({ ...whole(stored), subject: undefined })],
    ['a subject that is no text', (stored) => ({ ...whole(stored), subject: 1 })],
    ['no time of creation', (stored) => ({ ...whole(stored), createdAt: 'yesterday' })],
    ['no conversation', (stored) => ({ ...whole(stored), conversation: null })],
    [
      'an unknown version',
      (stored) => ({ ...whole(stored), conversation: { ...said(stored), protocolVersion: '1999-01-01' } }),
    ],
    [
      'no subscriptions',
      (stored) => ({ ...whole(stored), conversation: { ...said(stored), subscriptions: 'all' } }),
    ],
    [
      'no capabilities',
      (stored) => ({ ...whole(stored), conversation: { ...said(stored), capabilities: [] } }),
    ],
    [
      'no initialize',
      (stored) => ({ ...whole(stored), conversation: { ...said(stored), initialize: undefined } }),
    ],
  ])('Gives back %s: the session is not found, and the program is told.', async (_what, garbage) => {
    const store = new OpenStore();
    const [first, second] = await createReplicas(setting, store);
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    store.replaceAll(garbage);
    expect((await moved.call(1, 'whoami')).status).toBe(404);
    expect((await moved.get()).status).toBe(404);
    expect(second.events('transportError')).toHaveLength(2);
    expect(second.events('sessionAdopted')).toEqual([]);
    expect(second.tessera.getStats().activeSessions).toBe(0);
  });

  it.each([
    ['an initialize that no server accepts', { initialize: {} }, 404],
    ['subscriptions that nobody can have', { subscriptions: [1, null, {}] }, 404],
    ['a level that does not exist', { logLevel: 'loud' }, 200],
    ['capabilities that no server has', { capabilities: { tools: 5, flying: {} } }, 404],
    ['nothing of its server', { server: {} }, 404],
  ])('Gives back %s: every call is answered.', async (_what, change, status) => {
    const store = new OpenStore();
    const [first, second] = await createReplicas(setting, store);
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    store.replaceAll((stored) => ({ ...stored, conversation: { ...stored.conversation, ...change } }));
    expect((await moved.call(1, 'whoami')).status).toBe(status);
    expect((await moved.call(2, 'whoami')).status).toBe(status);
    expect(second.tessera.getStats()).toMatchObject({ callsInFlight: 0 });
  });
});

describe('A session store that takes its time', () => {
  const setting = IN_PROCESS;

  it('Is waited for as long as a server is, when it should load.', async () => {
    const time = new FakeTime();
    const store = new OpenStore();
    const load = vi.spyOn(store, 'load');
    const options = { clock: time, timers: time, limits: { factoryMs: 3000 } };
    const [first, second] = await createReplicas(setting, store, options);
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    load.mockImplementation(() => new Promise(() => undefined));
    const answer = moved.call(1, 'whoami');
    const isOver = vi.fn();
    void answer.then(isOver);
    await vi.waitFor(() => {
      expect(load).toHaveBeenCalled();
    });
    await time.advance(2900);
    await waitMs(20);
    expect(isOver).not.toHaveBeenCalled();
    await time.advance(200);
    expect((await answer).status).toBe(504);
    expect(JSON.stringify(await answerOf(await answer))).toContain('errorId');
    load.mockRestore();
    expect(await whoAmI(moved)).toBe('acme');
  });

  it('Gets what is said of one session in the order it was said.', async () => {
    const done: string[] = [];
    const store = new OpenStore();
    const [save, remove] = [store.save.bind(store), store.remove.bind(store)];
    let delay = 120;
    store.save = async (place, stored) => {
      // Each write is quicker than the one before it.
      delay /= 2;
      await waitMs(delay);
      await save(place, stored);
      done.push(`save ${stored.conversation.logLevel ?? 'none'}`);
    };
    store.remove = async (place, owner) => {
      await remove(place, owner);
      done.push('remove');
    };
    const [world] = await createReplicas(setting, store);
    const session = await openSession(world, TOKENS.acme);
    await setLevel(session, 'warning');
    await setLevel(session, 'error');
    expect((await session.end()).status).toBe(200);
    await world.tessera.close();
    // What is overtaken while another write goes on need not be written.
    expect(done.at(0)).toBe('save none');
    expect(done.slice(-2)).toEqual(['save error', 'remove']);
    expect(done.filter((write) => write === 'save error')).toHaveLength(1);
    expect(store.texts.size).toBe(0);
  });

  it('Has everything when the tessera is closed.', async () => {
    const store = new OpenStore();
    const save = store.save.bind(store);
    store.save = async (place, stored) => {
      await waitMs(50);
      await save(place, stored);
    };
    const [world] = await createReplicas(setting, store);
    const session = await openSession(world, TOKENS.acme);
    await setLevel(session, 'error');
    await world.tessera.close();
    expect(store.all()).toMatchObject([{ conversation: { logLevel: 'error' } }]);
  });

  // Closing waits for the store, so what the test has made would never be closed: it is left to the end of the process.
  const createHanging = (): World['tessera'] => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const tessera = createTessera({
      keys: KEYS,
      stores: { sessions: { save: never, load: () => undefined, remove: never } },
      limits: { factoryMs: 100 },
    });
    tessera.addTenant({
      id: 'acme',
      server: () => setting.sdk.make(new Stage('acme')),
      tokens: [TOKENS.acme],
    });
    return tessera;
  };

  it('Holds up no call when it never answers.', async () => {
    const tessera = createHanging();
    const session = await openSession(worldOf(tessera), TOKENS.acme);
    await setLevel(session, 'error');
    expect(await whoAmI(session)).toBe('acme');
    expect((await session.end()).status).toBe(200);
    expect(tessera.getStats().activeSessions).toBe(0);
  });

  it('Does not keep the tessera from closing when it never answers.', async () => {
    const tessera = createHanging();
    await openSession(worldOf(tessera), TOKENS.acme);
    const closed = tessera.close().then(() => 'closed');
    expect(await Promise.race([closed, waitMs(1000, 'still waiting')])).toBe('closed');
  });

  it('May give back what nobody can change.', async () => {
    const store = new OpenStore();
    const load = store.load.bind(store);
    store.load = async (place) => deepFreeze(await load(place));
    const [first, second] = await createReplicas(setting, store);
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    expect(await whoAmI(moved)).toBe('acme');
    const change = moved.post(request(1, 'logging/setLevel', { level: 'error' }));
    const status = await Promise.race([change.then((answer) => answer.status), waitMs(1000, 'no answer')]);
    expect(status).toBe(200);
  });

  it('May not give back a time of creation that is none.', async () => {
    const store = new OpenStore();
    const [first, second] = await createReplicas(setting, store);
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    store.replaceAll((stored) => ({ ...stored, createdAt: 1e300 }));
    await moved.call(1, 'whoami');
    for (const { createdAt } of second.tessera.getActiveSessions()) expect(createdAt.getTime()).not.toBeNaN();
  });
});
