import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTime } from '../../packages/core/test/helpers/fake-platform.js';
import { createAsleep, failingFactory, PARK_AFTER_MS, whoAmI } from './helpers/asleep.js';
import { closeEverything } from './helpers/cleanup.js';
import { notification, request, textOf, toolCall } from './helpers/messages.js';
import { UNWATCHED, withSubscriptions, type KnownClient } from './helpers/resource-servers.js';
import { initialize, openSession, TestSession } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf, EventReader, messagesOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const LISTS_CHANGED = 'notifications/tools/list_changed';

describe.each(SETTINGS)('A parked session that is used again ($name)', (setting) => {
  it('Has a server that knows the client, as if it had always been there.', async () => {
    const known: KnownClient[] = [];
    const sdk = withSubscriptions(setting.sdk, known);
    const { world, session } = await createAsleep(setting, {
      version: '2025-06-18',
      capabilities: { elicitation: {}, sampling: {} },
      server: () => sdk.make(new Stage('acme')),
    });
    expect(await whoAmI(session)).toBe('acme');
    expect(known).toHaveLength(2);
    expect(known[1]?.name()).toBe('test client');
    expect(known[1]?.capabilities()).toEqual(known[0]?.capabilities());
    expect(known[1]?.capabilities()).toMatchObject({ sampling: {} });
    expect(known.map(({ initialized }) => initialized)).toEqual([1, 1]);
    expect(world.events('transportError')).toEqual([]);
  });

  it('Does not say for the client what it has never said.', async () => {
    const known: KnownClient[] = [];
    const sdk = withSubscriptions(setting.sdk, known);
    const time = new FakeTime();
    const ofAcme = { parkAfterMs: PARK_AFTER_MS, server: () => sdk.make(new Stage('acme')) };
    const world = await createWorld(setting, { clock: time, timers: time }, ofAcme);
    const silent = await openSession(world, TOKENS.acme);
    expect(known[0]?.initialized).toBe(1);
    await silent.end();
    // Another one, whose client says that it is initialized only when its server is gone.
    const opened = await initialize(world, TOKENS.acme);
    await opened.text();
    const id = opened.headers.get('mcp-session-id') ?? '';
    const session = new TestSession(world, { ...silent.caller, session: id });
    await time.advance(PARK_AFTER_MS + 2000);
    expect(await whoAmI(session)).toBe('acme');
    expect(known.map(({ initialized }) => initialized)).toEqual([1, 0, 0]);
    await time.advance(PARK_AFTER_MS + 2000);
    await session.post(notification('notifications/initialized'));
    expect(await whoAmI(session, 2)).toBe('acme');
    expect(known.map(({ initialized }) => initialized)).toEqual([1, 0, 0, 1]);
  });

  it('Keeps its log level.', async () => {
    const known: KnownClient[] = [];
    const sdk = withSubscriptions(setting.sdk, known);
    const { session } = await createAsleep(setting, {
      server: () => sdk.make(new Stage('acme')),
      before: async (awake) => {
        await answerOf(await awake.post(request('a', 'logging/setLevel', { level: 'debug' })));
        await answerOf(await awake.post(request('b', 'logging/setLevel', { level: 'error' })));
        const refused = await answerOf(await awake.post(request('c', 'logging/setLevel', { level: 'loud' })));
        expect(refused.error).toBeDefined();
      },
    });
    const messages = await messagesOf(await session.call(1, 'logAll', 'said'));
    const told = messages.filter(({ method }) => method === 'notifications/message');
    expect(told.map(({ params }) => params?.data)).toEqual(['said error']);
    expect(known.map(({ levels }) => levels)).toEqual([['debug', 'error'], ['error']]);
  });

  it('Keeps what it has subscribed to, and nothing else.', async () => {
    const known: KnownClient[] = [];
    const sdk = withSubscriptions(setting.sdk, known);
    const { world, session } = await createAsleep(setting, {
      server: () => sdk.make(new Stage('acme')),
      before: async (awake) => {
        for (const uri of ['test://one', 'test://two', 'test://three', 'test://one', UNWATCHED]) {
          const answer = await answerOf(await awake.post(request(uri, 'resources/subscribe', { uri })));
          expect('error' in answer).toBe(uri === UNWATCHED);
        }
        const gone = request('gone', 'resources/unsubscribe', { uri: 'test://two' });
        expect((await answerOf(await awake.post(gone))).result).toBeDefined();
      },
    });
    await whoAmI(session);
    expect([...(known[1]?.subscribed ?? [])].sort()).toEqual(['test://one', 'test://three']);
    const stream = await session.listen();
    world.tessera.notify('acme').resourceUpdated('test://two');
    world.tessera.notify('acme').resourceUpdated('test://three');
    await stream.untilMethod('notifications/resources/updated');
    expect(stream.count('notifications/resources/updated')).toBe(1);
  });

  it('Builds one server for many calls at once.', async () => {
    const { world, session } = await createAsleep(setting);
    const calls = Array.from({ length: 20 }, (_, id) => session.call(id, 'echo', String(id)));
    const answers = await Promise.all((await Promise.all(calls)).map(answerOf));
    expect(answers.map(textOf)).toEqual(Array.from({ length: 20 }, (_, id) => String(id)));
    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, id) => id));
    expect(world.acme.instances).toHaveLength(2);
    expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 0, callsInFlight: 0 });
  });

  it('Builds one server for a batch.', async () => {
    const { world, session } = await createAsleep(setting, { version: '2025-03-26' });
    const batch = [toolCall(1, 'echo', 'one'), toolCall(2, 'whoami')];
    const answers = await messagesOf(await session.post(JSON.stringify(batch)));
    expect(answers.map(textOf).sort()).toEqual(['acme', 'one']);
    expect(world.acme.instances).toHaveLength(2);
  });

  it('Streams, asks and cancels as before.', async () => {
    const { world, session } = await createAsleep(setting, { capabilities: { elicitation: {} } });
    const asking = new EventReader(await session.call(1, 'ask', 'Your name?'));
    const question = await asking.untilMethod('elicitation/create');
    const result = { action: 'accept', content: { name: 'Ada' } };
    await session.post({ jsonrpc: '2.0', id: question.id, result });
    expect(textOf(await asking.untilAnswer(1))).toContain('Ada');
    void session.call(2, 'hold', 'for ever').catch(() => undefined);
    const held = await world.acme.untilHeld('for ever');
    await session.post(notification('notifications/cancelled', { requestId: 2 }));
    await vi.waitFor(() => {
      expect(held.signal.aborted).toBe(true);
    });
    expect(world.acme.instances).toHaveLength(2);
  });

  it('Is told that its lists have changed when its server is replaced, and is served by the new one.', async () => {
    const streams: EventReader[] = [];
    const { world, session } = await createAsleep(setting, {
      before: async (awake) => streams.push(await awake.listen()),
    });
    const next = new Stage('acme two');
    await world.tessera.updateTenant('acme', { server: () => setting.sdk.make(next) });
    await streams[0]?.untilMethod(LISTS_CHANGED);
    expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 1 });
    expect(next.instances).toHaveLength(1);
    expect(await whoAmI(session)).toBe('acme two');
    expect(next.instances).toHaveLength(2);
    expect(world.acme.instances).toHaveLength(1);
    expect(streams[0]?.count(LISTS_CHANGED)).toBe(1);
  });

  it('Answers a call whose server cannot be made with a masked error; the next call works.', async () => {
    const fail = (): Promise<never> => Promise.reject(new Error('the database password is swordfish'));
    const { world, session } = await createAsleep(setting, {
      server: failingFactory(() => setting.sdk.make(new Stage('acme')), fail),
    });
    const response = await session.call(1, 'whoami');
    expect(response.status).toBe(500);
    const { error } = await answerOf(response);
    expect(JSON.stringify(error)).not.toContain('swordfish');
    expect(error?.data).toMatchObject({ code: 'factory_failed' });
    expect(world.events('internalError')).toMatchObject([{ errorId: error?.data?.errorId }]);
    expect(world.events('serverFailed')).toMatchObject([{ tenantId: 'acme' }]);
    expect(world.events('sessionEnded')).toEqual([]);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 1, parkedSessions: 1 });
    expect(await whoAmI(session, 2)).toBe('acme');
    expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 0, callsInFlight: 0 });
  });
});
