import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { gate, HookLog, type Gate } from './helpers/hook-log.js';
import { notification, request, textOf, toolCall } from './helpers/messages.js';
import { openSession, type TestSession } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf, EventReader, messagesOf } from './helpers/streams.js';
import { makeWide } from './helpers/wide-server.js';
import { createWorld, newToken, SETTINGS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

type Setting = (typeof SETTINGS)[number];

/** A call that is in flight, and what a test needs to end it. */
interface InFlight {
  readonly world: World;
  readonly session: TestSession;
  readonly setting: Setting;
}

interface Ending {
  readonly how: string;
  end(flight: InFlight): unknown;
  /** What hooks are told. */
  readonly outcome: object;
  readonly options?: {
    readonly callMs?: number;
    readonly lifetimeMs?: number;
    readonly expiresInMs?: number;
  };
}

const replaced = ({ setting }: InFlight) => ({
  server: () => setting.sdk.make(new Stage('next')),
});

/** Ways in which a call ends that nobody answers. */
const ENDINGS: readonly Ending[] = [
  {
    how: 'the client cancels it',
    end: ({ session }) => session.post(notification('notifications/cancelled', { requestId: 'mine' })),
    outcome: { status: 'cancelled' },
  },
  {
    how: 'the session is deleted',
    end: ({ session }) => session.end(),
    outcome: { status: 'ended', reason: 'deleted' },
  },
  {
    how: 'its token is removed',
    end: ({ world, session }) => world.tessera.removeToken(session.token),
    outcome: { status: 'ended', reason: 'revoked' },
  },
  {
    how: 'its token expires',
    end: () => undefined,
    outcome: { status: 'ended', reason: 'expired' },
    options: { expiresInMs: 400 },
  },
  {
    how: 'its tenant is removed',
    end: ({ world }) => world.tessera.removeTenant('acme'),
    outcome: { status: 'ended', reason: 'tenantRemoved' },
  },
  {
    how: 'sessions end because the server is replaced',
    end: (flight) => flight.world.tessera.updateTenant('acme', replaced(flight), { sessions: 'end' }),
    outcome: { status: 'ended', reason: 'updated' },
  },
  {
    how: 'the time is over that a replaced server was given',
    end: (flight) =>
      flight.world.tessera.updateTenant('acme', replaced(flight), { sessions: 'drain', graceMs: 30 }),
    outcome: { status: 'ended', reason: 'updated' },
  },
  {
    how: 'the lifetime of the session is over',
    end: () => undefined,
    outcome: { status: 'ended', reason: 'lifetime' },
    options: { lifetimeMs: 300 },
  },
  {
    how: 'the server closes itself',
    end: ({ world }) => world.acme.newest().server.close(),
    outcome: { status: 'ended', reason: 'serverClosed' },
  },
  {
    how: 'it takes longer than it may',
    end: () => undefined,
    outcome: { status: 'timedOut' },
    options: { callMs: 60 },
  },
  {
    how: 'the tessera closes',
    end: ({ world }) => world.tessera.close(),
    outcome: { status: 'ended', reason: 'stopped' },
  },
  {
    how: 'the tessera is drained and the grace is over',
    end: ({ world }) => world.tessera.drain({ graceMs: 30 }),
    outcome: { status: 'ended', reason: 'stopped' },
  },
];

/** Each host and each SDK once: what hooks hear depends on neither. */
const MIXED = SETTINGS.filter(({ socket, sdk }) => socket === (sdk.name === 'SDK v2'));

/** A short keep-alive makes the tessera look after its sessions often. */
const OFTEN = { keepAliveMs: 40 };

async function openFor({ options = {} }: Ending, setting: Setting, log: HookLog): Promise<InFlight> {
  const { callMs, lifetimeMs, expiresInMs } = options;
  const world = await createWorld(setting, {
    hooks: log.hooks,
    limits: { ...(callMs === undefined ? {} : { callMs }) },
    sessions: { ...OFTEN, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) },
  });
  const token = newToken();
  const expiresAt = expiresInMs === undefined ? {} : { expiresAt: Date.now() + expiresInMs };
  world.tessera.addToken('acme', token, expiresAt);
  return { world, setting, session: await openSession(world, token) };
}

/** Reads the answer, so that a test over a socket does not leave it behind. */
const readLater = (answer: Promise<Response>): Promise<string> =>
  answer.then((response) => response.text()).catch(() => 'the connection broke');

describe.each(MIXED)('Hooks hear exactly once of the end of a call ($name)', (setting) => {
  it.each(ENDINGS)('When $how while the server is at it.', async (ending) => {
    const log = new HookLog(() => ({ state: 'charged' }));
    const flight = await openFor(ending, setting, log);
    const read = readLater(flight.session.call('mine', 'hold', 'work'));
    const call = await flight.world.acme.untilHeld('work');
    await ending.end(flight);
    const { state, outcome } = await log.onlyEnd();
    expect(state).toBe('charged');
    expect(outcome).toMatchObject(ending.outcome);
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
    });
    await read;
    call.release();
    await log.onlyEnd();
    expect(flight.world.tessera.getStats().callsInFlight).toBe(0);
  });

  it.each(ENDINGS)('When $how while its answer is a stream.', async (ending) => {
    const log = new HookLog();
    const flight = await openFor(ending, setting, log);
    const read = flight.session
      .post(toolCall('mine', 'holdWithProgress', 'work', 'p'))
      .then((response) => new EventReader(response).untilEnd());
    await flight.world.acme.untilHeld('work');
    await ending.end(flight);
    expect((await log.onlyEnd()).outcome).toMatchObject(ending.outcome);
    await read;
  });

  it.each(ENDINGS)(
    'When $how before beforeCall has decided, which the server never hears of.',
    async (ending) => {
      const decision = gate<{ state: string }>();
      const log = new HookLog(() => decision.passed);
      const flight = await openFor(ending, setting, log);
      const read = readLater(flight.session.call('mine', 'hold', 'never'));
      await log.untilAsked();
      await ending.end(flight);
      // The call is over for its client, and hooks hear of it when they have decided themselves.
      await read;
      expect(log.told).toEqual([]);
      decision.open({ state: 'charged' });
      const { state, outcome } = await log.onlyEnd();
      expect(state).toBe('charged');
      expect(outcome).toMatchObject(ending.outcome);
      expect(flight.world.acme.held).toEqual([]);
      expect(flight.world.tessera.getStats().callsInFlight).toBe(0);
    },
  );

  it.each(ENDINGS)('When $how, and beforeCall rejects afterwards.', async (ending) => {
    const decision: Gate<undefined> = gate();
    const log = new HookLog(() => decision.passed);
    const flight = await openFor(ending, setting, log);
    const read = readLater(flight.session.call('mine', 'hold', 'never'));
    await log.untilAsked();
    await ending.end(flight);
    await read;
    decision.fail(new Error('too late'));
    const { state, outcome } = await log.onlyEnd();
    expect(state).toBeUndefined();
    expect(outcome).toMatchObject(ending.outcome);
  });
});

describe.each(MIXED)('Hooks hear exactly once of the end of a call that is answered ($name)', (setting) => {
  it.each([
    { tool: 'fail', outcome: { status: 'answered', by: 'server', result: { isError: true } } },
    { tool: 'throw', outcome: { status: 'answered', by: 'server', result: { isError: true } } },
  ])('When the tool "$tool" fails.', async ({ tool, outcome }) => {
    const log = new HookLog();
    const world = await createWorld(setting, { hooks: log.hooks });
    await world.tessera.updateTenant('acme', { server: () => makeWide(setting.sdk, world.acme) });
    const session = await openSession(world, TOKENS.acme);
    await answerOf(await session.call(1, tool));
    expect((await log.onlyEnd()).outcome).toMatchObject(outcome);
  });

  it('When the server answers with an error.', async () => {
    const log = new HookLog();
    const world = await createWorld(setting, { hooks: log.hooks });
    await world.tessera.updateTenant('acme', { server: () => makeWide(setting.sdk, world.acme) });
    const session = await openSession(world, TOKENS.acme);
    const { error } = await answerOf(await session.post(request(1, 'prompts/get', { name: 'no such' })));
    expect(error?.code).toBeLessThan(0);
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'failed', by: 'server', error });
  });

  it('When its client has gone meanwhile.', async () => {
    const log = new HookLog();
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const leaving = new AbortController();
    const answer = session.call(1, 'hold', 'work', { signal: leaving.signal }).catch(() => undefined);
    const call = await world.acme.untilHeld('work');
    leaving.abort();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(log.told).toEqual([]);
    call.release();
    await answer;
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'answered', by: 'server' });
  });

  it('When the server is replaced during the call.', async () => {
    const log = new HookLog();
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    const next = new Stage('next');
    await world.tessera.updateTenant('acme', { server: () => setting.sdk.make(next) });
    await answerOf(await session.post(request(2, 'ping')));
    expect(log.told).toEqual([]);
    call.release();
    expect(textOf(await answerOf(await answer))).toBe('work');
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'answered', by: 'server' });
  });

  it('When the server is replaced before beforeCall has decided, and the next one has taken over.', async () => {
    const decision = gate<undefined>();
    const log = new HookLog(() => decision.passed);
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const old = vi.spyOn(world.acme.newest().server, 'close');
    const answer = session.call(1, 'whoami');
    await log.untilAsked();
    const next = new Stage('next');
    await world.tessera.updateTenant('acme', { server: () => setting.sdk.make(next) });
    await answerOf(await session.post(request(2, 'ping')));
    decision.open(undefined);
    expect(textOf(await answerOf(await answer))).toBe('next');
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'answered', by: 'server' });
    await vi.waitFor(() => {
      expect(old).toHaveBeenCalled();
    });
  });

  it('When the server that was replaced closes itself during the call.', async () => {
    const log = new HookLog();
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'work');
    await world.acme.untilHeld('work');
    const old = world.acme.newest();
    await world.tessera.updateTenant('acme', { server: () => setting.sdk.make(new Stage('next')) });
    await answerOf(await session.post(request(2, 'ping')));
    await old.server.close();
    expect((await answerOf(await answer)).error?.message).toBe('Connection closed');
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'failed', error: { code: -32000 } });
    expect((await session.post(request(3, 'ping'))).status).toBe(200);
  });

  it('When it is cancelled and answered at the same time.', async () => {
    const log = new HookLog();
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    const cancelling = session.post(notification('notifications/cancelled', { requestId: 1 }));
    call.release();
    expect((await cancelling).status).toBe(202);
    const messages = await messagesOf(await answer);
    const { status } = (await log.onlyEnd()).outcome;
    expect(status).toBe(messages.length === 0 ? 'cancelled' : 'answered');
  });

  it('When beforeCall never settles, not at all; the call is still ended and its place is free.', async () => {
    const log = new HookLog(() => new Promise(() => undefined));
    const world = await createWorld(setting, {
      hooks: log.hooks,
      limits: { callMs: 60, calls: 1 },
      sessions: OFTEN,
    });
    const session = await openSession(world, TOKENS.acme);
    const { error } = await answerOf(await session.call(1, 'echo'));
    expect(error?.message).toBe('The call took longer than it may.');
    expect(world.tessera.getStats().callsInFlight).toBe(0);
    expect((await session.post(request(2, 'ping'))).status).toBe(200);
    expect(log.told).toEqual([]);
  });
});
