import { memorySessionStore, type McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeTime } from '../../packages/core/test/helpers/fake-platform.js';
import { whoAmI } from './helpers/asleep.js';
import { closeEverything } from './helpers/cleanup.js';
import { createReplicas, KEYS, movedTo, OpenStore } from './helpers/handover.js';
import { notification, request, textOf, toolCall } from './helpers/messages.js';
import { UNWATCHED, withSubscriptions, type KnownClient } from './helpers/resource-servers.js';
import { initialize, openSession, TestSession } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf, messagesOf } from './helpers/streams.js';
import { createWorld, newToken, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const LISTS_CHANGED = 'notifications/tools/list_changed';

describe.each(SETTINGS)('A session whose client comes to another process ($name)', (setting) => {
  it('Goes on there under the same id.', async () => {
    const [first, second] = await createReplicas(setting, memorySessionStore());
    const session = await openSession(first, TOKENS.acme);
    expect(await whoAmI(session)).toBe('acme');
    const response = await movedTo(second, session).call(2, 'echo', 'still here');
    expect(response.headers.get('mcp-session-id')).toBe(session.id);
    expect(textOf(await answerOf(response))).toBe('still here');
    expect(second.events('sessionAdopted')).toMatchObject([
      { sessionId: session.id, tenantId: 'acme', serverName: 'acme' },
    ]);
    const [adopted] = second.events('sessionAdopted');
    expect(adopted?.createdAt).toEqual(first.events('sessionCreated')[0]?.createdAt);
    expect(second.events('sessionCreated')).toEqual([]);
    expect(second.tessera.getStats()).toMatchObject({ activeSessions: 1, parkedSessions: 0 });
    expect(second.acme.instances).toHaveLength(1);
    expect(first.events('sessionAdopted')).toEqual([]);
  });

  it('Goes from process to process, and from one that has stopped.', async () => {
    const sessions = memorySessionStore();
    const [first, second] = await createReplicas(setting, sessions);
    const [third] = await createReplicas(setting, sessions);
    const session = await openSession(first, TOKENS.acme);
    await first.tessera.drain({ graceMs: 0 });
    expect(await whoAmI(movedTo(second, session))).toBe('acme');
    await second.tessera.close();
    expect(await whoAmI(movedTo(third, session))).toBe('acme');
    expect((await session.call(1, 'whoami')).status).toBe(503);
  });

  it('Has a server that knows the client, its log level and its subscriptions.', async () => {
    const known: KnownClient[] = [];
    const sdk = withSubscriptions(setting.sdk, known);
    const [first, second] = await createReplicas({ ...setting, sdk }, memorySessionStore());
    const capabilities = { elicitation: {}, sampling: {} };
    const session = await openSession(first, TOKENS.acme, { version: '2025-06-18', capabilities });
    await answerOf(await session.post(request(1, 'logging/setLevel', { level: 'error' })));
    for (const uri of ['test://one', 'test://two', UNWATCHED]) {
      await answerOf(await session.post(request(uri, 'resources/subscribe', { uri })));
    }
    await answerOf(await session.post(request(2, 'resources/unsubscribe', { uri: 'test://one' })));
    const moved = movedTo(second, session);
    const messages = await messagesOf(await moved.call(1, 'logAll', 'said'));
    const told = messages.filter(({ method }) => method === 'notifications/message');
    expect(told.map(({ params }) => params?.data)).toEqual(['said error']);
    expect(known).toHaveLength(2);
    expect(known[1]).toMatchObject({ subscribed: ['test://two'], levels: ['error'], initialized: 1 });
    expect(known[1]?.name()).toBe('test client');
    expect(known[1]?.capabilities()).toEqual(known[0]?.capabilities());
    const stream = await moved.listen();
    second.tessera.notify('acme').resourceUpdated('test://one');
    second.tessera.notify('acme').resourceUpdated('test://two');
    await stream.untilMethod('notifications/resources/updated');
    expect(stream.count('notifications/resources/updated')).toBe(1);
    expect(second.events('transportError')).toEqual([]);
  });

  it('Is adopted once by many requests at once.', async () => {
    const store = new OpenStore();
    const load = store.load.bind(store);
    store.load = async (place) => {
      const stored = await load(place);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      return stored;
    };
    const [first, second] = await createReplicas(setting, store);
    const moved = movedTo(second, await openSession(first, TOKENS.acme));
    const calls = await Promise.all(
      Array.from({ length: 20 }, (_, id) => moved.call(id, 'echo', String(id))),
    );
    for (const [id, call] of calls.entries()) expect(textOf(await answerOf(call))).toBe(String(id));
    expect(second.events('sessionAdopted')).toHaveLength(1);
    expect(second.acme.instances).toHaveLength(1);
    const stats = { activeSessions: 1, parkedSessions: 0, callsInFlight: 0 };
    expect(second.tessera.getStats()).toMatchObject(stats);
    const { loads } = store;
    await whoAmI(moved);
    expect(store.loads).toBe(loads);
  });

  it('Gets a fresh stream for an event id of the process that had it.', async () => {
    const [first, second] = await createReplicas(setting, memorySessionStore());
    const session = await openSession(first, TOKENS.acme);
    const lost = await session.get();
    const reader = lost.body?.getReader();
    first.tessera.notify('acme').toolsChanged();
    let text = '';
    while (!text.includes(LISTS_CHANGED)) text += new TextDecoder().decode((await reader?.read())?.value);
    const ids = [...text.matchAll(/^id: ?(.+)$/gm)].map(([, id]) => id ?? '');
    expect(ids.length).toBeGreaterThan(0);
    await reader?.cancel();
    const moved = movedTo(second, session);
    for (const id of ids) {
      const response = await moved.get({ headers: { 'last-event-id': id } });
      expect(response.status).toBe(200);
      const fresh = response.body?.getReader();
      second.tessera.notify('acme').toolsChanged();
      let seen = '';
      while (!seen.includes(LISTS_CHANGED)) seen += new TextDecoder().decode((await fresh?.read())?.value);
      // What was said in the other process is not said again, and no id means something in both.
      expect(seen.split(LISTS_CHANGED)).toHaveLength(2);
      for (const old of ids) expect(seen).not.toContain(old);
      await fresh?.cancel();
    }
    expect(second.acme.instances).toHaveLength(0);
    expect(second.events('sessionAdopted')).toHaveLength(1);
  });

  it('Can begin there with a notification, or with its end.', async () => {
    const store = new OpenStore();
    const [first, second] = await createReplicas(setting, store);
    const session = await openSession(first, TOKENS.acme);
    const moved = movedTo(second, session);
    expect((await moved.post(notification('notifications/roots/list_changed'))).status).toBe(202);
    expect(second.tessera.getStats()).toMatchObject({ activeSessions: 1, parkedSessions: 1 });
    const other = movedTo(second, await openSession(first, TOKENS.acme));
    expect((await other.end()).status).toBe(200);
    expect((await other.call(1, 'whoami')).status).toBe(404);
    expect(second.events('sessionEnded')).toMatchObject([{ sessionId: other.id, reason: 'deleted' }]);
    expect(store.all()).toHaveLength(1);
    expect(second.acme.instances).toHaveLength(0);
  });

  it('Is not found by anybody else, and nobody can tell that it exists.', async () => {
    const store = new OpenStore();
    const [first, second] = await createReplicas(setting, store);
    const session = await openSession(first, TOKENS.acme);
    const answers: string[] = [];
    for (const [token, id] of [
      [TOKENS.acme, 'an-id-that-never-was'],
      [TOKENS.globex, session.id],
      [TOKENS.sibling, session.id],
      [TOKENS.acme, session.id.slice(0, -1)],
    ] as const) {
      const stranger = new TestSession(second, { token, session: id, version: session.version });
      for (const response of [await stranger.call(1, 'whoami'), await stranger.get(), await stranger.end()]) {
        expect(response.status).toBe(404);
        const headers = [...response.headers].filter(([name]) => !/^(?:date|keep-alive)$/.test(name));
        answers.push(JSON.stringify([headers, await response.text()]));
      }
    }
    expect(new Set(answers).size).toBe(1);
    expect(second.events('sessionRefused')).toHaveLength(12);
    expect(second.events('sessionAdopted')).toEqual([]);
    expect(second.events('transportError')).toEqual([]);
    expect(second.tessera.getStats().activeSessions).toBe(0);
    expect(store.all()).toHaveLength(1);
    expect(await whoAmI(movedTo(second, session))).toBe('acme');
  });

  it('Keeps to the rules of the version that was agreed on.', async () => {
    const [first, second] = await createReplicas(setting, memorySessionStore());
    const batch = JSON.stringify([toolCall(1, 'echo', 'one'), toolCall(2, 'echo', 'two')]);
    const old = movedTo(second, await openSession(first, TOKENS.acme, { version: '2025-03-26' }));
    expect((await messagesOf(await old.post(batch))).map(textOf).sort()).toEqual(['one', 'two']);
    const recent = movedTo(second, await openSession(first, TOKENS.acme));
    expect((await recent.post(batch)).status).toBe(400);
    expect((await recent.call(1, 'whoami', '', { version: '1999-01-01' })).status).toBe(400);
    expect(await whoAmI(recent)).toBe('acme');
  });

  it('Is replaced by a new one when its client starts again.', async () => {
    const [first, second] = await createReplicas(setting, memorySessionStore());
    const session = await openSession(first, TOKENS.acme);
    const response = await initialize(second, TOKENS.acme, { session: session.id });
    expect(response.status).toBe(200);
    expect(response.headers.get('mcp-session-id')).not.toBe(session.id);
    await response.text();
    expect(second.events('sessionAdopted')).toEqual([]);
  });

  it('Survives a server that cannot be made at first, and ends with one that will not do.', async () => {
    const store = new OpenStore();
    const [first] = await createReplicas(setting, store);
    let made = 0;
    const server = (): McpServerLike => {
      made += 1;
      if (made === 1) throw new Error('not yet');
      return setting.sdk.make(new Stage('second'));
    };
    const shared = { keys: KEYS, stores: { sessions: store } };
    const second = await createWorld(setting, shared, { server });
    const session = await openSession(first, TOKENS.acme);
    const moved = movedTo(second, session);
    expect((await moved.call(1, 'whoami')).status).toBe(500);
    expect(await whoAmI(moved, 2)).toBe('second');
    expect(second.events('sessionAdopted')).toHaveLength(1);
    const lone = withSubscriptions(setting.sdk, []);
    const [third] = await createReplicas({ ...setting, sdk: lone }, store);
    const rich = await openSession(third, TOKENS.acme);
    expect((await movedTo(second, rich).call(1, 'whoami')).status).toBe(404);
    expect(second.events('transportError')).toMatchObject([{ error: { code: 'server_incompatible' } }]);
    expect(store.all()).toHaveLength(1);
  });
});

describe('Adopting', () => {
  const [setting] = SETTINGS;
  if (setting === undefined) throw new Error('There is no setting.');

  it('Needs the same secret, and a store.', async () => {
    const sessions = memorySessionStore();
    const [first] = await createReplicas(setting, sessions);
    const session = await openSession(first, TOKENS.acme);
    const stranger = await createWorld(setting, { keys: { secret: newToken() }, stores: { sessions } });
    expect((await movedTo(stranger, session).call(1, 'whoami')).status).toBe(404);
    const lonely = await createWorld(setting, { keys: KEYS });
    expect((await movedTo(lonely, session).call(1, 'whoami')).status).toBe(404);
  });

  it('Does not make a session younger.', async () => {
    const time = new FakeTime();
    const options = { clock: time, timers: time, sessions: { lifetimeMs: 600_000 } };
    const [first, second] = await createReplicas(setting, memorySessionStore(), options);
    const session = await openSession(first, TOKENS.acme);
    await time.advance(540_000);
    const moved = movedTo(second, session);
    expect(await whoAmI(moved)).toBe('acme');
    await time.advance(50_000);
    expect(await whoAmI(moved)).toBe('acme');
    await time.advance(15_000);
    expect((await moved.call(1, 'whoami')).status).toBe(404);
    expect(second.events('sessionEnded')).toMatchObject([{ reason: 'lifetime' }]);
    const [ended] = second.events('sessionEnded');
    expect(ended?.duration).toBeGreaterThanOrEqual(600_000);
  });

  // Each process may have another version of the server, so the first one it makes is news there.
  it('Tells of the first server that a process has made.', async () => {
    const [first, second] = await createReplicas(setting, memorySessionStore());
    expect(await whoAmI(movedTo(second, await openSession(first, TOKENS.acme)))).toBe('acme');
    expect(second.tessera.getTenant('acme')).toMatchObject({ serverName: 'acme' });
    expect(second.events('serverRegistered')).toHaveLength(1);
  });
});
