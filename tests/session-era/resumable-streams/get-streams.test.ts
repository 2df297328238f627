import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from '../helpers/cleanup.js';
import { openSession } from '../helpers/session.js';
import { TOKENS, type World } from '../helpers/world.js';
import { listen, PRIMED_VERSION, UNPRIMED_VERSIONS } from './helpers/listening.js';
import { partsOf, type SseReader } from './helpers/sse-reader.js';
import { createWorkingWorld, WORKING_SDKS } from './helpers/working-servers.js';

afterEach(closeEverything);

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `message ${String(from + index)}`);

async function untilOpen(world: World, count: number): Promise<void> {
  await vi.waitFor(
    () => {
      expect(world.tessera.getStats().openStreams).toBe(count);
    },
    { timeout: 5000, interval: 5 },
  );
}

describe.each(WORKING_SDKS)('GET streams that can be resumed ($name)', (sdk) => {
  it('A stream begins with an event that has an id, a time to come back after, and no data.', async () => {
    const { world } = await createWorkingWorld(sdk, { sessions: { retryMs: 1234 } });
    const session = await openSession(world, TOKENS.acme, { version: PRIMED_VERSION });
    const stream = await listen(session);
    await stream.untilEvents(1);
    expect(stream.events).toHaveLength(1);
    expect(stream.events[0]).toMatchObject({ retry: '1234', data: '' });
    expect(partsOf(stream.lastId).seq).toBe(0);
  });

  it.each(UNPRIMED_VERSIONS)(
    'At %s messages have ids, and nothing comes before the first.',
    async (version) => {
      const { world, desk } = await createWorkingWorld(sdk);
      const session = await openSession(world, TOKENS.acme, { version });
      const stream = await listen(session);
      await desk.say('one');
      await stream.untilSaid('one');
      expect(stream.events).toHaveLength(1);
      expect(stream.events[0]?.retry).toBeUndefined();
      await stream.leave();
      await desk.say('two');
      const back = await listen(session, stream.lastId);
      await back.untilSaid('two');
      expect(back.events).toHaveLength(1);
      expect(back.events[0]?.retry).toBeUndefined();
    },
  );

  it('Event ids name the epoch, the stream and the number of the event, and differ in all else.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    await desk.say('one', 'two', 'three');
    await stream.untilSaid('three');
    const ids = stream.events.map(({ id }) => partsOf(id ?? ''));
    expect(ids.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(new Set(ids.map(({ epoch }) => epoch)).size).toBe(1);
    expect(new Set(ids.map((id) => id.stream)).size).toBe(1);
    expect(new Set(ids.map(({ mac }) => mac)).size).toBe(4);
  });

  it('Whoever comes back gets exactly what came after the event they name, in order, with the same ids.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const first = await listen(session);
    await desk.say(...texts(1, 5));
    await first.untilSaid('message 5');
    await first.leave();
    for (const [index, event] of first.events.entries()) {
      const back = await listen(session, event.id);
      await desk.say(`live ${String(index)}`);
      await back.untilSaid(`live ${String(index)}`);
      const missed = first.events.slice(index + 1);
      // The first event says where the client stands, which is where it said it stood.
      expect(back.events[0]).toEqual({ id: event.id, retry: first.events[0]?.retry, data: '' });
      expect(back.events.slice(1, 1 + missed.length)).toEqual(missed);
      expect(back.said).toEqual([
        ...texts(index + 1, 5),
        ...Array.from({ length: index + 1 }, (_, number) => `live ${String(number)}`),
      ]);
      await back.leave();
    }
  });

  it('Messages of other streams of the session are not replayed.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const one = await listen(session);
    await desk.say('one a', 'one b');
    await one.untilSaid('one b');
    const two = await listen(session);
    await desk.say('two a', 'two b');
    await two.untilSaid('two b');
    await two.leave();
    await one.leave();
    const oneAgain = await listen(session, one.idOf('one a'));
    await oneAgain.untilSaid('one b');
    await desk.say('for the newest');
    await oneAgain.untilSaid('for the newest');
    expect(oneAgain.said).toEqual(['one b', 'for the newest']);
    const twoAgain = await listen(session, two.idOf('two a'));
    await twoAgain.untilSaid('two b');
    expect(twoAgain.said).toEqual(['two b']);
    expect(oneAgain.ended).toBe(false);
  });

  it('What is said while nobody listens is there for whoever comes back, once.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const first = await listen(session);
    await desk.say('before');
    await first.untilSaid('before');
    await first.leave();
    await untilOpen(world, 0);
    await desk.say('between 1', 'between 2');
    const back = await listen(session, first.lastId);
    await desk.say('after');
    await back.untilSaid('after');
    expect(back.said).toEqual(['between 1', 'between 2', 'after']);
    await back.leave();
    const again = await listen(session, first.lastId);
    await again.untilSaid('after');
    expect(again.said).toEqual(['between 1', 'between 2', 'after']);
    await again.leave();
    const last = await listen(session, back.idOf('between 2'));
    await last.untilSaid('after');
    expect(last.said).toEqual(['after']);
  });

  it('Whoever comes back takes the place of the connection that is still open.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const old = await listen(session);
    await desk.say('one', 'two');
    await old.untilSaid('two');
    const back = await listen(session, old.idOf('one'));
    await old.untilEnd();
    expect(old.failure).toBeUndefined();
    expect(world.tessera.getStats().openStreams).toBe(1);
    await desk.say('three');
    await back.untilSaid('three');
    expect(back.said).toEqual(['two', 'three']);
    expect(old.said).toEqual(['one', 'two']);
  });

  it('A connection that nobody reads any more is no obstacle, and loses nothing.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const first = await listen(session);
    await first.untilEvents(1);
    await first.leave();
    // The server takes this connection for a live one, though nobody is there.
    const dead = await session.get({ headers: { 'last-event-id': first.lastId } });
    await desk.say('one', 'two');
    const back = await listen(session, first.lastId);
    await desk.say('three');
    await back.untilSaid('three');
    expect(back.said).toEqual(['one', 'two', 'three']);
    expect(world.tessera.getStats().openStreams).toBe(1);
    await dead.body?.cancel();
    expect(world.tessera.getStats().openStreams).toBe(1);
  });

  it('A fifth stream ends the oldest, which can be resumed and then ends the next.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const streams: SseReader[] = [];
    for (let number = 1; number <= 4; number += 1) {
      const stream = await listen(session);
      await desk.say(`for ${String(number)}`, `rest of ${String(number)}`);
      await stream.untilSaid(`rest of ${String(number)}`);
      streams.push(stream);
    }
    const [oldest, second] = streams;
    const fifth = await listen(session);
    await oldest?.untilEnd();
    expect(streams.map(({ ended }) => ended)).toEqual([true, false, false, false]);
    const back = await listen(session, oldest?.idOf('for 1'));
    await second?.untilEnd();
    expect(streams.map(({ ended }) => ended)).toEqual([true, true, false, false]);
    await desk.say('for the newest');
    await back.untilSaid('for the newest');
    expect(back.said).toEqual(['rest of 1', 'for the newest']);
    expect(fifth.said).toEqual([]);
    expect(world.tessera.getStats().openStreams).toBe(4);
  });

  it('Of streams that nobody is connected to, more than four can be resumed as long as they are kept.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const streams: SseReader[] = [];
    for (let number = 1; number <= 8; number += 1) {
      const stream = await listen(session);
      await desk.say(`a ${String(number)}`, `b ${String(number)}`);
      await stream.untilSaid(`b ${String(number)}`);
      await stream.leave();
      streams.push(stream);
    }
    for (const [index, stream] of streams.entries()) {
      const number = String(index + 1);
      const back = await listen(session, stream.idOf(`a ${number}`));
      await desk.say(`live ${number}`);
      await back.untilSaid(`live ${number}`);
      expect(back.said).toEqual([`b ${number}`, `live ${number}`]);
      const ids = back.events.map(({ id }) => partsOf(id ?? ''));
      expect(ids.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(new Set(ids.map((id) => id.stream)).size).toBe(1);
      await back.leave();
    }
  });

  it('When the session has ended, its event ids open nothing.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    await desk.say('one');
    await stream.untilSaid('one');
    await session.end();
    await stream.untilEnd();
    const refused = await session.get({ headers: { 'last-event-id': stream.lastId } });
    expect(refused.status).toBe(404);
  });
});

describe.each(WORKING_SDKS)('Streams that cannot be resumed ($name)', (sdk) => {
  it('With resumable: false no event has an id, none comes first, and Last-Event-ID is ignored.', async () => {
    const { world, desk } = await createWorkingWorld(sdk, { sessions: { resumable: false } });
    const session = await openSession(world, TOKENS.acme, { version: PRIMED_VERSION });
    const stream = await listen(session);
    await desk.say('one');
    await stream.untilSaid('one');
    expect(stream.events).toHaveLength(1);
    expect(stream.events[0]?.id).toBeUndefined();
    expect(stream.events[0]?.retry).toBeUndefined();
    const other = await listen(session, 'AAAAAA.g1.0.AAAAAAAAAAAAAAAA');
    await desk.say('two');
    await other.untilSaid('two');
    expect(other.said).toEqual(['two']);
    expect(stream.ended).toBe(false);
  });
});
