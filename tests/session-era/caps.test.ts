import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { notification, request, textOf } from './helpers/messages.js';
import { initialize, openSession } from './helpers/session.js';
import { answerOf, EventReader, messagesOf } from './helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

/** Expects the refusal of a cap: it says when to come again, and opens nothing. */
async function expectCapped(response: Response, status: number): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(await answerOf(response)).toMatchObject({ jsonrpc: '2.0', error: { code: -32000 } });
}

describe.each(HOSTS)('Caps ($name)', (setting) => {
  it('A tenant has no more sessions than it may, until one of them ends.', async () => {
    const world = await createWorld(setting, { limits: { sessions: 2 } });
    const first = await openSession(world, TOKENS.acme);
    // Only sessions in which something is going on are in the way of new ones.
    await first.listen();
    await (await openSession(world, TOKENS.sibling)).listen();
    await expectCapped(await initialize(world, TOKENS.acme), 429);
    await expectCapped(await initialize(world, TOKENS.sibling), 429);
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
    expect((await first.post(request(1, 'ping'))).status).toBe(200);
    await first.end();
    expect((await initialize(world, TOKENS.sibling)).status).toBe(200);
    expect(world.acme.instances.length).toBeLessThanOrEqual(3);
  });

  it('A full tenant ends the session that was used longest ago, to make room for a new one.', async () => {
    const world = await createWorld(setting, { limits: { sessions: 2 } });
    const [first, second] = [await openSession(world, TOKENS.acme), await openSession(world, TOKENS.sibling)];
    const other = await openSession(world, TOKENS.globex);
    await first.post(request(1, 'ping'));
    const third = await openSession(world, TOKENS.acme);
    expect((await second.post(request(2, 'ping'))).status).toBe(404);
    for (const session of [first, third, other]) {
      expect((await session.post(request(3, 'ping'))).status).toBe(200);
    }
    expect(world.events('sessionEnded')).toMatchObject([{ sessionId: second.id, reason: 'evicted' }]);
  });

  it('Nobody makes room for a session that is refused for another reason.', async () => {
    const world = await createWorld(setting, {
      limits: { sessions: 2, initializeBurst: 2, initializePerSecond: 0.001 },
    });
    const sessions = [await openSession(world, TOKENS.acme), await openSession(world, TOKENS.acme)];
    await expectCapped(await initialize(world, TOKENS.acme), 429);
    await world.tessera.updateTenant('acme', { limits: { sessions: 1, initializeBurst: 100 } });
    await expectCapped(await initialize(world, TOKENS.acme), 429);
    for (const session of sessions) expect((await session.post(request(1, 'ping'))).status).toBe(200);
    expect(world.events('sessionEnded')).toEqual([]);
  });

  it('A session with a stream or a call is never ended to make room.', async () => {
    const world = await createWorld(setting, { limits: { sessions: 2 } });
    const [listening, calling] = [
      await openSession(world, TOKENS.acme),
      await openSession(world, TOKENS.acme),
    ];
    const stream = await listening.listen();
    const call = calling.call(1, 'hold', 'still here');
    const held = await world.acme.untilHeld('still here');
    await expectCapped(await initialize(world, TOKENS.acme), 429);
    held.release();
    expect((await call).status).toBe(200);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect(world.events('sessionEnded')).toMatchObject([{ sessionId: calling.id, reason: 'evicted' }]);
    expect(stream.ended).toBe(false);
  });

  it('Sessions that are opened at the same time do not get past the cap.', async () => {
    const world = await createWorld(setting, { limits: { sessions: 3 } });
    const answers = await Promise.all(Array.from({ length: 12 }, () => initialize(world, TOKENS.acme)));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(3);
    expect(statuses.every((status) => status === 200 || status === 429)).toBe(true);
    expect(world.tessera.getStats().activeSessions).toBe(3);
  });

  it('A session that could not be opened does not count.', async () => {
    let broken = true;
    const world = await createWorld(
      setting,
      { limits: { sessions: 1 } },
      {
        server: () => {
          if (broken) throw new Error('broken');
          return setting.sdk.make(world.acme);
        },
      },
    );
    for (let count = 0; count < 3; count += 1) {
      expect((await initialize(world, TOKENS.acme)).status).toBe(500);
    }
    broken = false;
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
  });

  it('A cap can be that of one tenant, and can be changed while it runs.', async () => {
    const world = await createWorld(setting, {}, { limits: { sessions: 1 } });
    await (await openSession(world, TOKENS.acme)).listen();
    await expectCapped(await initialize(world, TOKENS.acme), 429);
    await openSession(world, TOKENS.globex);
    await openSession(world, TOKENS.globex);
    expect(world.tessera.getTenant('acme')?.limits.sessions).toBe(1);
    await world.tessera.updateTenant('acme', { limits: { sessions: 2 } });
    await (await openSession(world, TOKENS.acme)).listen();
    await expectCapped(await initialize(world, TOKENS.acme), 429);
  });

  it('All tenants together have no more sessions than they may.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 2 } });
    const session = await openSession(world, TOKENS.acme);
    await openSession(world, TOKENS.globex);
    await expectCapped(await initialize(world, TOKENS.acme), 503);
    await expectCapped(await initialize(world, TOKENS.globex), 503);
    await session.end();
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
  });

  it('A tenant opens sessions no faster than it may.', async () => {
    const limits = { initializeBurst: 2, initializePerSecond: 0.01 };
    const world = await createWorld(setting, { limits });
    const session = await openSession(world, TOKENS.acme);
    await session.end();
    await openSession(world, TOKENS.sibling);
    await expectCapped(await initialize(world, TOKENS.acme), 429);
    await expectCapped(await initialize(world, TOKENS.sibling), 429);
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
  });

  it('The allowance for opening sessions refills.', async () => {
    const world = await createWorld(setting, { limits: { initializeBurst: 1, initializePerSecond: 5 } });
    await openSession(world, TOKENS.acme);
    await expectCapped(await initialize(world, TOKENS.acme), 429);
    await vi.waitFor(
      async () => {
        expect((await initialize(world, TOKENS.acme)).status).toBe(200);
      },
      { timeout: 5000, interval: 25 },
    );
  });

  it('A tenant has no more calls in flight than it may.', async () => {
    const world = await createWorld(setting, { limits: { calls: 2 } });
    const session = await openSession(world, TOKENS.acme);
    const other = await openSession(world, TOKENS.sibling);
    const waiting = [session.call(1, 'hold', 'a'), other.call(1, 'hold', 'b')];
    await world.acme.untilHeld('a');
    await world.acme.untilHeld('b');
    await expectCapped(await session.call(2, 'echo', 'x'), 429);
    await expectCapped(await other.call(2, 'echo', 'x'), 429);
    const ofGlobex = await openSession(world, TOKENS.globex);
    expect(textOf(await answerOf(await ofGlobex.call(1, 'echo', 'free')))).toBe('free');
    (await world.acme.untilHeld('a')).release();
    expect(textOf(await answerOf((await waiting[0]) as Response))).toBe('a');
    expect(textOf(await answerOf(await other.call(3, 'echo', 'again')))).toBe('again');
    (await world.acme.untilHeld('b')).release();
    expect((await waiting[1])?.status).toBe(200);
  });

  it('A tenant that has all its calls in flight may still cancel one and end a session.', async () => {
    const world = await createWorld(setting, { limits: { calls: 1 } });
    const session = await openSession(world, TOKENS.acme);
    const waiting = session.call(1, 'hold', 'a');
    await world.acme.untilHeld('a');
    await expectCapped(await session.call(2, 'echo'), 429);
    const cancelled = notification('notifications/cancelled', { requestId: 1 });
    expect((await session.post(cancelled)).status).toBe(202);
    expect(await messagesOf(await waiting)).toHaveLength(0);
    expect((await session.call(3, 'echo', 'free')).status).toBe(200);
    const again = session.call(4, 'hold', 'b');
    await world.acme.untilHeld('b');
    expect((await session.end()).status).toBe(200);
    expect((await answerOf(await again)).error?.message).toBe('Connection closed');
  });

  it('A question that a call asks can be answered at the cap.', async () => {
    const world = await createWorld(setting, { limits: { calls: 1 } });
    const session = await openSession(world, TOKENS.acme, { capabilities: { elicitation: {} } });
    const reader = new EventReader(await session.call(1, 'ask', 'name?'));
    const { id } = await reader.untilMethod('elicitation/create');
    expect((await session.post({ jsonrpc: '2.0', id, result: { action: 'decline' } })).status).toBe(202);
    expect(textOf(await reader.untilAnswer(1))).toContain('decline');
  });

  it('A batch counts as many calls as it has requests.', async () => {
    const world = await createWorld(setting, { limits: { calls: 2 } });
    const session = await openSession(world, TOKENS.acme, { version: '2025-03-26' });
    const pings = [1, 2, 3].map((id) => request(id, 'ping'));
    await expectCapped(await session.post(pings), 429);
    expect((await session.post(pings.slice(1))).status).toBe(200);
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  });

  it('A tenant has no more open streams than it may.', async () => {
    const world = await createWorld(setting, { limits: { streams: 2 } });
    const session = await openSession(world, TOKENS.acme);
    const other = await openSession(world, TOKENS.sibling);
    const first = await session.listen();
    await other.listen();
    const third = await openSession(world, TOKENS.acme);
    await expectCapped(await third.get(), 429);
    expect(first.ended).toBe(false);
    await (await openSession(world, TOKENS.globex)).listen();
    await first.leave();
    await vi.waitFor(
      async () => {
        await third.listen();
      },
      { timeout: 5000, interval: 10 },
    );
  });
});
