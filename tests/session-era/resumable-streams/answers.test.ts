import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from '../helpers/cleanup.js';
import { textOf, toolCall } from '../helpers/messages.js';
import { openSession } from '../helpers/session.js';
import { TOKENS } from '../helpers/world.js';
import { callWork, listen, PRIMED_VERSION, UNPRIMED_VERSIONS } from './helpers/listening.js';
import { partsOf, SseReader } from './helpers/sse-reader.js';
import { createWorkingWorld, WORKING_SDKS, type WorkingWorld } from './helpers/working-servers.js';

afterEach(closeEverything);

/** What a client sees of a call: its progress, and the text it was answered with. */
const seen = (reader: SseReader): (number | string)[] =>
  reader.messages.flatMap((message) => message.params?.progress ?? textOf(message) ?? []);

async function untilCallsEnded({ world }: WorkingWorld): Promise<void> {
  await vi.waitFor(
    () => {
      expect(world.tessera.getStats().callsInFlight).toBe(0);
    },
    { timeout: 5000, interval: 5 },
  );
}

describe.each(WORKING_SDKS)('Answers that can be resumed ($name)', (sdk) => {
  it('An answer that becomes a stream begins with an event that has an id and no data.', async () => {
    const { world, desk } = await createWorkingWorld(sdk, { sessions: { retryMs: 77 } });
    const session = await openSession(world, TOKENS.acme, { version: PRIMED_VERSION });
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    await call.progress(1);
    call.finish('done');
    const reader = await answer;
    await reader.untilEnd();
    expect(reader.events[0]).toMatchObject({ retry: '77', data: '' });
    expect(reader.events.map(({ id }) => partsOf(id ?? '').seq)).toEqual([0, 1, 2]);
    expect(seen(reader)).toEqual([1, 'done']);
  });

  it('An answer that needs no stream has no event id and is no stream.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const answer = session.post(toolCall(1, 'work', 'work'));
    (await desk.untilCalled('work')).finish('done');
    expect((await answer).headers.get('content-type')).toContain('application/json');
  });

  it.each(UNPRIMED_VERSIONS)(
    'At %s it has ids, nothing comes first, and it can be resumed.',
    async (version) => {
      const { world, desk } = await createWorkingWorld(sdk);
      const session = await openSession(world, TOKENS.acme, { version });
      const answer = callWork(session);
      const call = await desk.untilCalled('work');
      await call.progress(1);
      const reader = await answer;
      await reader.untilProgress(1);
      expect(reader.events).toHaveLength(1);
      await reader.leave();
      call.finish('done');
      const back = await listen(session, reader.lastId);
      await back.untilEnd();
      expect(seen(back)).toEqual(['done']);
      expect(back.events).toHaveLength(1);
    },
  );

  it(
    'A client that disconnects cancels nothing, and finds the late answer, which ends the stream.',
    { timeout: 10_000 },
    async () => {
      const given = await createWorkingWorld(sdk);
      const session = await openSession(given.world, TOKENS.acme);
      const answer = callWork(session);
      const call = await given.desk.untilCalled('work');
      await call.progress(1);
      const reader = await answer;
      await reader.untilProgress(1);
      await reader.leave();
      await call.progress(2);
      expect(call.signal.aborted).toBe(false);
      expect(given.world.tessera.getStats().callsInFlight).toBe(1);
      call.finish('done');
      await untilCallsEnded(given);
      const back = await listen(session, reader.lastId);
      await back.untilEnd();
      expect(seen(back)).toEqual([2, 'done']);
      expect(back.failure).toBeUndefined();
      expect(given.world.tessera.getStats().openStreams).toBe(0);
    },
  );

  it('A complete answer can be had from each of its events, as often as one likes.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    for (const progress of [1, 2, 3]) await call.progress(progress);
    call.finish('done');
    const reader = await answer;
    await reader.untilEnd();
    for (const [index, event] of reader.events.slice(0, -1).entries()) {
      const back = await listen(session, event.id);
      await back.untilEnd();
      expect(seen(back)).toEqual([1, 2, 3, 'done'].slice(index));
      expect(back.events.slice(1)).toEqual(reader.events.slice(index + 1));
    }
    expect(desk.calls).toHaveLength(1);
  });

  it('Whoever has seen the last message of an answer is told not to come back again.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    await call.progress(1);
    call.finish('done');
    const reader = await answer;
    await reader.untilEnd();
    const back = await session.get({ headers: { 'last-event-id': reader.lastId } });
    expect([back.status, await back.text()]).toEqual([204, '']);
  });

  it(
    'Resumed while the call runs, it brings what was missed, then progress and the result.',
    { timeout: 10_000 },
    async () => {
      const { world, desk } = await createWorkingWorld(sdk);
      const session = await openSession(world, TOKENS.acme);
      const answer = callWork(session);
      const call = await desk.untilCalled('work');
      await call.progress(1);
      const reader = await answer;
      await reader.untilProgress(1);
      await reader.leave();
      await call.progress(2);
      const back = await listen(session, reader.lastId);
      await call.progress(3);
      await back.untilProgress(3);
      expect(back.ended).toBe(false);
      call.finish('done');
      await back.untilEnd();
      expect(seen(back)).toEqual([2, 3, 'done']);
    },
  );

  it('Resumed while its connection is still open, it goes on in the new one only.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    await call.progress(1);
    const reader = await answer;
    await reader.untilProgress(1);
    const back = await listen(session, reader.events[0]?.id);
    await reader.untilEnd();
    expect(reader.failure).toBeUndefined();
    await call.progress(2);
    call.finish('done');
    await back.untilEnd();
    expect(seen(reader)).toEqual([1]);
    expect(seen(back)).toEqual([1, 2, 'done']);
    expect(call.signal.aborted).toBe(false);
  });

  it('Neither another call nor a GET stream is heard in it.', { timeout: 10_000 }, async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const standalone = await listen(session);
    const answers = [callWork(session, { id: 1, text: 'one' }), callWork(session, { id: 2, text: 'two' })];
    const [one, two] = [await desk.untilCalled('one'), await desk.untilCalled('two')];
    await one.progress(1);
    await two.progress(10);
    const [first, second] = await Promise.all(answers);
    await first?.untilProgress(1);
    await first?.leave();
    await desk.say('aside');
    await two.progress(20);
    await one.progress(2);
    const back = await listen(session, first?.lastId);
    await two.progress(30);
    one.finish('one is done');
    await back.untilEnd();
    expect(seen(back)).toEqual([2, 'one is done']);
    expect(back.messages).toHaveLength(2);
    two.finish('two is done');
    await second?.untilEnd();
    expect(second === undefined ? [] : seen(second)).toEqual([10, 20, 30, 'two is done']);
    await standalone.untilSaid('aside');
    expect(standalone.messages).toHaveLength(1);
  });

  it('A GET that resumes an answer does not take what is said of the own accord of the server.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const standalone = await listen(session);
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    await call.progress(1);
    const reader = await answer;
    await reader.untilProgress(1);
    await reader.leave();
    const back = await listen(session, reader.lastId);
    await desk.say('aside');
    await standalone.untilSaid('aside');
    call.finish('done');
    await back.untilEnd();
    expect(back.said).toEqual([]);
  });

  it('An answer that became a stream because it was late can be resumed.', async () => {
    const { world, desk } = await createWorkingWorld(sdk, { sessions: { upgradeAfterMs: 40 } });
    const session = await openSession(world, TOKENS.acme);
    const reader = await callWork(session);
    await reader.untilEvents(1);
    await reader.leave();
    (await desk.untilCalled('work')).finish('late');
    const back = await listen(session, reader.lastId);
    await back.untilEnd();
    expect(seen(back)).toEqual(['late']);
  });

  it('Answers of a batch are found as well, and the last one ends the stream.', async () => {
    const { world, desk } = await createWorkingWorld(sdk, { sessions: { upgradeAfterMs: 40 } });
    const session = await openSession(world, TOKENS.acme, { version: '2025-03-26' });
    const batch = [toolCall(1, 'work', 'one'), toolCall(2, 'work', 'two')];
    const reader = new SseReader(await session.post(JSON.stringify(batch)));
    (await desk.untilCalled('one')).finish('one is done');
    await reader.untilEvents(1);
    await reader.leave();
    (await desk.untilCalled('two')).finish('two is done');
    const back = await listen(session, reader.lastId);
    await back.untilEnd();
    expect(seen(reader)).toEqual(['one is done']);
    expect(seen(back)).toEqual(['two is done']);
  });

  it(
    'A question that was lost with its stream is asked again, and its answer is taken.',
    { timeout: 10_000 },
    async () => {
      const { world, desk } = await createWorkingWorld(sdk);
      const session = await openSession(world, TOKENS.acme, { capabilities: { elicitation: {} } });
      const answer = callWork(session);
      const call = await desk.untilCalled('work');
      await call.progress(1);
      const reader = await answer;
      await reader.untilProgress(1);
      await reader.leave();
      const asked = call.ask('Who is there?');
      asked.catch(() => undefined);
      const back = await listen(session, reader.lastId);
      const question = await back.until(({ method }) => method === 'elicitation/create');
      const result = { action: 'accept', content: { name: 'Ada' } };
      expect((await session.post({ jsonrpc: '2.0', id: question.id, result })).status).toBe(202);
      expect(await asked).toMatchObject(result);
      call.finish('done');
      await back.untilEnd();
      expect(seen(back)).toEqual(['done']);
    },
  );

  it('An error of a call is found by a client that comes back, like a result.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    await call.progress(1);
    const reader = await answer;
    await reader.untilProgress(1);
    await reader.leave();
    call.fail(new Error('It broke.'));
    const back = await listen(session, reader.lastId);
    await back.untilEnd();
    expect(back.messages).toHaveLength(1);
    expect(back.messages[0]).toMatchObject({ id: 1, result: { isError: true } });
  });
});
