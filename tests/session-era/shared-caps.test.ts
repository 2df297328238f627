import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf } from './helpers/messages.js';
import { initialize, openSession, type TestSession } from './helpers/session.js';
import { answerOf, type EventReader } from './helpers/streams.js';
import { createWorld, HOSTS, newToken, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const ping = (id = 1): object => request(id, 'ping');

/** Expects the refusal of a cap: it says when to come again. */
async function expectRefused(response: Response, status: 429 | 503): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(await answerOf(response)).toMatchObject({ jsonrpc: '2.0', error: { code: -32000 } });
}

const expectFull = (response: Response): Promise<void> => expectRefused(response, 503);

const evictedOf = (world: World): string[] =>
  world
    .events('sessionEnded')
    .filter(({ reason }) => reason === 'evicted')
    .map(({ sessionId }) => sessionId);

/** Opens as many sessions of a tenant, one after the other. */
async function openSessions(world: World, token: string, count: number): Promise<TestSession[]> {
  const sessions: TestSession[] = [];
  for (let opened = 0; opened < count; opened += 1) sessions.push(await openSession(world, token));
  return sessions;
}

async function isAlive(session: TestSession): Promise<boolean> {
  const response = await session.post(ping());
  await response.text();
  return response.status === 200;
}

/** Calls that wait in their handlers. */
async function holdCalls(session: TestSession, count: number, label: string): Promise<() => Promise<void>> {
  const stage = label.startsWith('acme') ? session.world.acme : session.world.globex;
  const answers: Promise<Response>[] = [];
  for (let index = 0; index < count; index += 1) {
    answers.push(session.call(`${label} ${String(index)}`, 'hold', `${label} ${String(index)}`));
    await stage.untilHeld(`${label} ${String(index)}`);
  }
  return async () => {
    for (const call of stage.held) if (call.text.startsWith(label)) call.release();
    for (const answer of answers) await (await answer).text();
  };
}

describe.each(HOSTS)('Sessions that all tenants share ($name)', (setting) => {
  it('May all be one tenant’s, while nobody else asks.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 4 } });
    const sessions = await openSessions(world, TOKENS.acme, 4);
    await expectFull(await initialize(world, TOKENS.acme));
    for (const session of sessions) expect(await isAlive(session)).toBe(true);
    expect(evictedOf(world)).toEqual([]);
  });

  it('Go to another tenant that asks: who has more than half loses the longest unused ones.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 4 } });
    const [first, second, third, fourth] = await openSessions(world, TOKENS.acme, 4);
    if (!first || !second || !third || !fourth) throw new Error('There should be four.');
    expect(await isAlive(first)).toBe(true);
    const [one] = await openSessions(world, TOKENS.globex, 1);
    expect(evictedOf(world)).toEqual([second.id]);
    const [two] = await openSessions(world, TOKENS.globex, 1);
    expect(evictedOf(world)).toEqual([second.id, third.id]);
    // Half is everybody's own.
    await expectFull(await initialize(world, TOKENS.globex));
    expect(evictedOf(world)).toHaveLength(2);
    for (const session of [first, fourth, one, two]) expect(await isAlive(session as TestSession)).toBe(true);
    expect(await isAlive(second)).toBe(false);
    expect(world.tessera.getStats().activeSessions).toBe(4);
  });

  it('In use are never ended for another tenant.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 3 } });
    const [calling, listening, idle] = await openSessions(world, TOKENS.acme, 3);
    if (!calling || !listening || !idle) throw new Error('There should be three.');
    const release = await holdCalls(calling, 1, 'acme');
    const stream = await listening.listen();
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
    expect(evictedOf(world)).toEqual([idle.id]);
    await release();
    expect(stream.ended).toBe(false);
    expect(await isAlive(calling)).toBe(true);
  });

  it('All in use: another tenant is told to wait, and gets the first that becomes free.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 2 } });
    const sessions = await openSessions(world, TOKENS.acme, 2);
    const streams = [await sessions[0]?.listen(), await sessions[1]?.listen()];
    await expectFull(await initialize(world, TOKENS.globex));
    expect(streams.some((stream) => stream?.ended)).toBe(false);
    await streams[1]?.leave();
    await vi.waitFor(
      async () => {
        expect((await initialize(world, TOKENS.globex)).status).toBe(200);
      },
      { timeout: 5000, interval: 10 },
    );
    expect(evictedOf(world)).toEqual([sessions[1]?.id]);
  });

  it('Are no more than half for one tenant after another one had to be refused.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 4 } });
    const sessions = await openSessions(world, TOKENS.acme, 4);
    for (const session of sessions) await session.listen();
    await expectFull(await initialize(world, TOKENS.globex));
    await sessions[0]?.end();
    // There is room, and it is for the one who asked.
    await expectFull(await initialize(world, TOKENS.acme));
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
    expect(evictedOf(world)).toEqual([]);
  });

  it('Have a cap of 429 for each tenant before the one of 503 for all.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 8, sessions: 2 } });
    for (const session of await openSessions(world, TOKENS.acme, 2)) await session.listen();
    await expectRefused(await initialize(world, TOKENS.acme), 429);
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
  });

  it('Do not end for a tenant that is refused for opening them too fast.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 3 } });
    const limits = { initializeBurst: 1, initializePerSecond: 0.001 };
    const hasty = newToken();
    world.tessera.addTenant({
      id: 'hasty',
      server: () => setting.sdk.make(world.globex),
      tokens: [hasty],
      limits,
    });
    await (await openSession(world, hasty)).end();
    await openSessions(world, TOKENS.acme, 3);
    await expectRefused(await initialize(world, hasty), 429);
    expect(evictedOf(world)).toEqual([]);
  });

  it('Count again when their tenant is removed.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 2 } });
    for (const session of await openSessions(world, TOKENS.acme, 2)) await session.listen();
    await expectFull(await initialize(world, TOKENS.globex));
    world.tessera.removeTenant('acme');
    await openSessions(world, TOKENS.globex, 2);
  });
});

describe.each(HOSTS)('Calls that all tenants share ($name)', (setting) => {
  it('Over the cap are refused with 503, and nobody’s calls are ended for them.', async () => {
    const world = await createWorld(setting, { limits: { totalCalls: 4 } });
    const acme = await openSession(world, TOKENS.acme);
    const globex = await openSession(world, TOKENS.globex);
    const release = await holdCalls(acme, 4, 'acme');
    await expectFull(await globex.post(ping()));
    await expectFull(await acme.post(ping()));
    expect(world.tessera.getStats().callsInFlight).toBe(4);
    await release();
    expect(world.acme.finished).toHaveLength(4);
    expect(await isAlive(globex)).toBe(true);
  });

  it('Are no more than half for one tenant while another one asks, and then all again.', async () => {
    const world = await createWorld(setting, { limits: { totalCalls: 4 } });
    const acme = await openSession(world, TOKENS.acme);
    const globex = await openSession(world, TOKENS.globex);
    const releaseFour = await holdCalls(acme, 4, 'acme');
    await expectFull(await globex.post(ping()));
    await releaseFour();
    const releaseTwo = await holdCalls(acme, 2, 'acme again');
    await expectFull(await acme.post(ping()));
    const releaseOther = await holdCalls(globex, 2, 'globex');
    await expectFull(await globex.post(ping()));
    await releaseTwo();
    await releaseOther();
  });

  it('Have a cap of 429 for each tenant, which leaves room for others.', async () => {
    const world = await createWorld(setting, { limits: { totalCalls: 8, calls: 2 } });
    const acme = await openSession(world, TOKENS.acme);
    const globex = await openSession(world, TOKENS.globex);
    const release = await holdCalls(acme, 2, 'acme');
    await expectRefused(await acme.post(ping()), 429);
    expect(textOf(await answerOf(await globex.call(1, 'echo', 'free')))).toBe('free');
    await release();
  });

  it('Of a batch are let in all or none.', async () => {
    const world = await createWorld(setting, { limits: { totalCalls: 3 } });
    const session = await openSession(world, TOKENS.acme, { version: '2025-03-26' });
    const release = await holdCalls(session, 2, 'acme');
    await expectFull(await session.post([ping(1), ping(2)]));
    expect((await session.post([ping(1)])).status).toBe(200);
    await release();
  });

  it('Need not be free for a session to be cancelled, answered or deleted.', async () => {
    const world = await createWorld(setting, { limits: { totalCalls: 1 } });
    const session = await openSession(world, TOKENS.acme);
    const other = await openSession(world, TOKENS.globex);
    const release = await holdCalls(session, 1, 'acme');
    expect((await other.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202);
    expect((await other.end()).status).toBe(200);
    await release();
  });
});

describe.each(HOSTS)('Streams that all tenants share ($name)', (setting) => {
  const listenAll = (sessions: readonly TestSession[]): Promise<EventReader[]> =>
    Promise.all(sessions.map((session) => session.listen()));

  it('Over the cap are refused with 503 to the one who has them all.', async () => {
    const world = await createWorld(setting, { limits: { totalStreams: 3 } });
    const sessions = await openSessions(world, TOKENS.acme, 4);
    const streams = await listenAll(sessions.slice(0, 3));
    await expectFull((await sessions[3]?.get()) as Response);
    expect(streams.some(({ ended }) => ended)).toBe(false);
    expect(world.tessera.getStats().openStreams).toBe(3);
  });

  it('Go to another tenant that asks, and no session ends for it.', async () => {
    const world = await createWorld(setting, { limits: { totalStreams: 4 } });
    const streams = await listenAll(await openSessions(world, TOKENS.acme, 4));
    const others = await openSessions(world, TOKENS.globex, 3);
    const mine = await listenAll(others.slice(0, 2));
    await vi.waitFor(() => {
      expect(streams.filter(({ ended }) => ended)).toHaveLength(2);
    });
    await expectFull((await others[2]?.get()) as Response);
    expect(mine.some(({ ended }) => ended)).toBe(false);
    expect(streams.filter(({ ended }) => ended)).toHaveLength(2);
    expect(world.events('sessionEnded')).toEqual([]);
    expect(world.tessera.getStats().openStreams).toBe(4);
  });

  it('Have a cap of 429 for each tenant.', async () => {
    const world = await createWorld(setting, { limits: { totalStreams: 8, streams: 1 } });
    const [first, second] = await openSessions(world, TOKENS.acme, 2);
    await first?.listen();
    await expectRefused((await second?.get()) as Response, 429);
    await (await openSession(world, TOKENS.globex)).listen();
  });

  it('Are not needed by a session that changes one of its own for a new one.', async () => {
    const world = await createWorld(setting, { limits: { totalStreams: 1, streamsPerSession: 1 } });
    const session = await openSession(world, TOKENS.acme);
    const first = await session.listen();
    const second = await session.listen();
    await first.untilEnd();
    expect(second.ended).toBe(false);
    expect(world.tessera.getStats().openStreams).toBe(1);
  });
});
