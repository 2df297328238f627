import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, toolCall } from './helpers/messages.js';
import { bare, initialize, openSession } from './helpers/session.js';
import { answerOf, EventReader } from './helpers/streams.js';
import { createWorld, HOSTS, SETTINGS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const ping = request(1, 'ping');
const WAIT = { timeout: 8000, interval: 10 };

const endedOf = (world: World): string[] => world.events('sessionEnded').map((event) => event.sessionId);

const untilEnded = (world: World, id: string): Promise<void> =>
  vi.waitFor(() => {
    expect(endedOf(world)).toContain(id);
  }, WAIT);

describe.each(HOSTS)('Sessions that nobody uses ($name)', (setting) => {
  it('They end, and are unknown from then on.', async () => {
    const world = await createWorld(setting, { sessions: { idleMs: 80 } });
    const session = await openSession(world, TOKENS.acme);
    await untilEnded(world, session.id);
    expect(world.events('sessionEnded')[0]).toMatchObject({
      sessionId: session.id,
      tenantId: 'acme',
      serverName: 'acme',
      reason: 'idle',
    });
    expect(world.events('sessionEnded')[0]?.duration).toBeGreaterThanOrEqual(80);
    const response = await session.post(ping);
    expect(response.status).toBe(404);
    expect((await answerOf(response)).error?.code).toBe(-32001);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, activeServers: 0 });
  });

  it('A session with an open stream stays, and ends after its stream has gone.', async () => {
    const world = await createWorld(setting, { sessions: { idleMs: 80 } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    const idle = await openSession(world, TOKENS.acme);
    await untilEnded(world, idle.id);
    await untilEnded(world, (await openSession(world, TOKENS.acme)).id);
    expect(endedOf(world)).not.toContain(session.id);
    expect(stream.ended).toBe(false);
    await stream.leave();
    await untilEnded(world, session.id);
  });

  it('A session with a call in flight stays, and ends after the call.', async () => {
    const world = await createWorld(setting, { sessions: { idleMs: 80 } });
    const session = await openSession(world, TOKENS.acme);
    const waiting = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    const idle = await openSession(world, TOKENS.acme);
    await untilEnded(world, idle.id);
    await untilEnded(world, (await openSession(world, TOKENS.acme)).id);
    expect(endedOf(world)).not.toContain(session.id);
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('work');
    await untilEnded(world, session.id);
  });

  it('A session that is used stays longer than one that is not.', async () => {
    const world = await createWorld(setting, { sessions: { idleMs: 300 } });
    const session = await openSession(world, TOKENS.acme);
    const idle = await openSession(world, TOKENS.acme);
    await vi.waitFor(async () => {
      expect((await session.post(ping)).status).toBe(200);
      expect(endedOf(world)).toContain(idle.id);
    }, WAIT);
    expect(endedOf(world)).toEqual([idle.id]);
    expect((await session.post(ping)).status).toBe(200);
  });

  it('A session ends when its lifetime is over, even with an open stream.', async () => {
    const world = await createWorld(setting, { sessions: { lifetimeMs: 150 } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    await stream.untilEnd();
    await untilEnded(world, session.id);
    expect((await session.post(ping)).status).toBe(404);
  });
});

describe.each(SETTINGS)('Closing ($name)', (setting) => {
  it('Everything ends, and later requests get 503.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const ofGlobex = await openSession(world, TOKENS.globex);
    const stream = await session.listen();
    const waiting = session.call(1, 'hold', 'json');
    const call = await world.acme.untilHeld('json');
    const streamed = new EventReader(await ofGlobex.post(toolCall(2, 'holdWithProgress', 'sse', 't')));
    const other = await world.globex.untilHeld('sse');
    expect(world.tessera.ready()).toBe(true);
    await world.tessera.close();
    expect(world.tessera.ready()).toBe(false);
    const settled = await waiting;
    expect((await settled.text()).length).toBeGreaterThan(0);
    await stream.untilEnd();
    await streamed.untilEnd();
    expect([call.signal.aborted, other.signal.aborted]).toEqual([true, true]);
    expect(endedOf(world).sort()).toEqual([session.id, ofGlobex.id].sort());
    for (const response of [
      await session.post(ping),
      await initialize(world, TOKENS.acme),
      await session.get(),
      await session.end(),
    ]) {
      expect(response.status).toBe(503);
      await response.text();
    }
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0, openStreams: 0 });
  });

  it('Closing twice, also at the same time, is as good as once.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await Promise.all([world.tessera.close(), world.tessera.close()]);
    await world.tessera.close();
    expect(endedOf(world)).toEqual([session.id]);
  });
});

describe.each(SETTINGS)('Draining ($name)', (setting) => {
  it('New sessions are refused while calls in flight finish, and then everything ends.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    const waiting = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    let drained = false;
    const draining = world.tessera.drain({ graceMs: 10_000 }).then(() => {
      drained = true;
    });
    expect(world.tessera.ready()).toBe(false);
    const refused = await initialize(world, TOKENS.globex);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect((await answerOf(refused)).error?.code).toBe(-32000);
    expect(call.signal.aborted).toBe(false);
    expect(drained).toBe(false);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('work');
    await draining;
    await stream.untilEnd();
    expect((await session.post(ping)).status).toBe(503);
    expect(endedOf(world)).toEqual([session.id]);
  });

  it('Calls that take longer than the grace are ended.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const waiting = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    await world.tessera.drain({ graceMs: 60 });
    expect(call.signal.aborted).toBe(true);
    expect((await (await waiting).text()).length).toBeGreaterThan(0);
    expect((await bare(world, 'GET', session.caller)).status).toBe(503);
  });

  it('It is over at once when nothing is in flight.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    const begin = Date.now();
    await world.tessera.drain({ graceMs: 60_000 });
    expect(Date.now() - begin).toBeLessThan(5000);
    await stream.untilEnd();
  });
});
