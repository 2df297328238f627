import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { openSession, type TestSession } from './helpers/session.js';
import { answerOf, mediaType, type EventReader } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const CHANGED = 'notifications/tools/list_changed';

async function listenOften(session: TestSession, times: number): Promise<EventReader[]> {
  const streams: EventReader[] = [];
  while (streams.length < times) streams.push(await session.listen());
  return streams;
}

async function untilOpen(world: World, count: number): Promise<void> {
  await vi.waitFor(
    () => {
      expect(world.tessera.getStats().openStreams).toBe(count);
    },
    { timeout: 5000, interval: 5 },
  );
}

describe.each(SETTINGS)('GET streams ($name)', (setting) => {
  it.each(['application/json', 'text/html', 'text/event-streams', 'application/json, text/plain'])(
    'A GET that accepts only %s is refused with 406.',
    async (accept) => {
      const world = await createWorld(setting);
      const session = await openSession(world, TOKENS.acme);
      const response = await session.get({ headers: { accept } });
      expect(response.status).toBe(406);
      expect(await answerOf(response)).toMatchObject({ id: null, error: { code: -32000 } });
    },
  );

  it('A GET is answered at once with an event stream that stays open.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    expect(mediaType(stream.response)).toBe('text/event-stream');
    expect(stream.response.headers.get('cache-control')).toContain('no-store');
    expect(stream.response.headers.get('mcp-session-id')).toBe(session.id);
    expect(world.tessera.getStats().openStreams).toBe(1);
    expect(stream.ended).toBe(false);
  });

  it('Several may be open, and each message goes to the newest only.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const first = await session.listen();
    world.acme.newest().grow('one');
    await first.untilMethod(CHANGED);
    const [second, third] = await listenOften(session, 2);
    world.acme.newest().grow('two');
    await third?.untilMethod(CHANGED);
    expect(first.count(CHANGED)).toBe(1);
    expect(second?.count(CHANGED)).toBe(0);
    expect(third?.count(CHANGED)).toBe(1);
    expect([first.ended, second?.ended, third?.ended]).toEqual([false, false, false]);
  });

  it('When the newest has gone, messages go to the one before it.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const [first, second] = await listenOften(session, 2);
    await second?.leave();
    await untilOpen(world, 1);
    world.acme.newest().grow('one');
    await first?.untilMethod(CHANGED);
  });

  it('A fifth one ends the oldest.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const streams = await listenOften(session, 4);
    expect(streams.map((stream) => stream.ended)).toEqual([false, false, false, false]);
    const fifth = await session.listen();
    await streams[0]?.untilEnd();
    expect(streams.slice(1).map((stream) => stream.ended)).toEqual([false, false, false]);
    expect(fifth.ended).toBe(false);
    await untilOpen(world, 4);
  });

  it('How many a session may have can be changed.', async () => {
    const world = await createWorld(setting, { limits: { streamsPerSession: 1 } });
    const session = await openSession(world, TOKENS.acme);
    const other = await openSession(world, TOKENS.acme);
    const untouched = await other.listen();
    const [first, second] = await listenOften(session, 2);
    await first?.untilEnd();
    expect(second?.ended).toBe(false);
    expect(untouched.ended).toBe(false);
  });

  it('A stream whose client has gone is no longer counted.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const streams = await listenOften(session, 3);
    await untilOpen(world, 3);
    for (const stream of streams) await stream.leave();
    await untilOpen(world, 0);
  });

  it('A stream that nobody reads is closed when too much waits on it, and the session goes on.', async () => {
    const world = await createWorld(setting, { limits: { queuedBytes: 20_000 } });
    const session = await openSession(world, TOKENS.acme);
    const unread = await session.get();
    expect(unread.status).toBe(200);
    const text = 'x'.repeat(200_000);
    await vi.waitFor(
      async () => {
        await world.acme.newest().log('error', text);
        expect(world.tessera.getStats().openStreams).toBe(0);
      },
      { timeout: 10_000, interval: 1 },
    );
    expect((await session.call(1, 'echo', 'fine')).status).toBe(200);
    await unread.body?.cancel().catch(() => undefined);
  });

  it('A Last-Event-ID that nobody knows opens a stream all the same.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.get({ headers: { 'last-event-id': 'unknown_7' } });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });
});
