import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { notification, textOf, toolCall, type Id } from './helpers/messages.js';
import { openSession } from './helpers/session.js';
import { answerOf, EventReader, mediaType, messagesOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const cancelled = (requestId: Id): object =>
  notification('notifications/cancelled', { requestId, reason: 'no longer needed' });

const untilIdle = (world: World): Promise<void> =>
  vi.waitFor(
    () => {
      expect(world.tessera.getStats().callsInFlight).toBe(0);
    },
    { timeout: 5000, interval: 5 },
  );

describe.each(SETTINGS)('Cancelling a call ($name)', (setting) => {
  it.each<Id>([1, 'one'])('The call with id %j is settled with an empty stream and aborted.', async (id) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(id, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    expect((await session.post(cancelled(id))).status).toBe(202);
    const response = await answer;
    expect(response.status).toBe(200);
    expect(mediaType(response)).toBe('text/event-stream');
    expect(await response.text()).toBe('');
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
    });
    await untilIdle(world);
  });

  it('A call whose stream is open already ends without a result.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = new EventReader(await session.post(toolCall(1, 'holdWithProgress', 'work', 't')));
    const call = await world.acme.untilHeld('work');
    await session.post(cancelled(1));
    await stream.untilEnd();
    expect(stream.messages.map((message) => message.method)).toEqual(['notifications/progress']);
    expect(call.signal.aborted).toBe(true);
  });

  it('An id of another type or of no call cancels nothing.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    for (const id of ['1', 2, 0]) expect((await session.post(cancelled(id))).status).toBe(202);
    expect((await session.post(notification('notifications/cancelled', {}))).status).toBe(202);
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await answer))).toBe('work');
  });

  it('Other calls go on, and the id can be used again.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const doomed = session.call(1, 'hold', 'doomed');
    const other = session.call(2, 'hold', 'other');
    await world.acme.untilHeld('doomed');
    const call = await world.acme.untilHeld('other');
    await session.post(cancelled(1));
    expect(await messagesOf(await doomed)).toHaveLength(0);
    expect(textOf(await answerOf(await session.call(1, 'echo', 'again')))).toBe('again');
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await other))).toBe('other');
  });
});

describe.each(SETTINGS)('A client that goes away ($name)', (setting) => {
  it('Its call runs on while the answer is waited for.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const leaving = new AbortController();
    const answer = session.call(1, 'hold', 'work', { signal: leaving.signal }).catch(() => undefined);
    const call = await world.acme.untilHeld('work');
    leaving.abort();
    expect(textOf(await answerOf(await session.call(2, 'echo', 'other')))).toBe('other');
    expect(call.signal.aborted).toBe(false);
    call.release();
    await answer;
    await vi.waitFor(() => {
      expect(world.events('toolCalled').map((event) => event.toolName)).toContain('hold');
    });
    await untilIdle(world);
  });

  it('Its call runs on while its stream is open.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = new EventReader(await session.post(toolCall(1, 'holdWithProgress', 'work', 't')));
    const call = await world.acme.untilHeld('work');
    await stream.leave();
    expect(textOf(await answerOf(await session.call(2, 'echo', 'other')))).toBe('other');
    expect(call.signal.aborted).toBe(false);
    call.release();
    await untilIdle(world);
    expect(world.acme.finished).toEqual(['work']);
  });
});

describe.each(SETTINGS)('A session that ends during a call ($name)', (setting) => {
  const endings = [
    {
      how: 'deleted',
      end: async (end: () => Promise<Response>): Promise<void> => {
        expect((await end()).status).toBe(200);
      },
    },
    {
      how: 'closed by its server',
      end: async (_end: () => Promise<Response>, world: World): Promise<void> => {
        await world.acme.newest().server.close();
      },
    },
  ];

  it.each(endings)('When it is $how, the call is answered with an error and aborted.', async ({ end }) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call('mine', 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    await end(() => session.end(), world);
    const response = await answer;
    expect(response.status).toBe(200);
    const { id, error } = await answerOf(response);
    expect(id).toBe('mine');
    expect(error?.code).toBe(-32000);
    expect(error?.message).toBe('Connection closed');
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
    });
    await untilIdle(world);
  });

  it.each(endings)('When it is $how, an open stream of a call ends with the error.', async ({ end }) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = new EventReader(await session.post(toolCall(5, 'holdWithProgress', 'work', 't')));
    await world.acme.untilHeld('work');
    await end(() => session.end(), world);
    await stream.untilEnd();
    expect(stream.messages.at(-1)).toMatchObject({
      id: 5,
      error: { code: -32000, message: 'Connection closed' },
    });
  });

  it('Calls of other sessions go on.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const other = await openSession(world, TOKENS.acme);
    const answer = other.call(1, 'hold', 'other');
    const call = await world.acme.untilHeld('other');
    await session.end();
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await answer))).toBe('other');
  });
});
