import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from '../helpers/cleanup.js';
import { textOf } from '../helpers/messages.js';
import { openSession } from '../helpers/session.js';
import { TOKENS, type World } from '../helpers/world.js';
import { callWork, listen } from './helpers/listening.js';
import { FAILURES, failingLog, HeldLog, SlowLog } from './helpers/other-logs.js';
import { partsOf, SseReader } from './helpers/sse-reader.js';
import { createWorkingWorld, WORKING_SDKS, WORKING_V1 } from './helpers/working-servers.js';

afterEach(closeEverything);

const failures = (world: World): string[] => world.events('transportError').map(({ error }) => error.message);

describe.each(WORKING_SDKS)('With a log that takes its time ($name)', (sdk) => {
  it('What was missed comes first, then what is said while the log is being read, then the rest.', async () => {
    const log = new SlowLog({ appendMs: 0, readMs: 30 });
    const { world, desk } = await createWorkingWorld(sdk, { stores: { events: log } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    await desk.say('one', 'two', 'three');
    await stream.untilSaid('three');
    const coming = listen(session, stream.idOf('one'));
    await desk.say('meanwhile 1');
    await new Promise((resolve) => setTimeout(resolve, 10));
    await desk.say('meanwhile 2');
    const back = await coming;
    await desk.say('after');
    await back.untilSaid('after');
    expect(back.said).toEqual(['two', 'three', 'meanwhile 1', 'meanwhile 2', 'after']);
    expect(back.events.map(({ id }) => partsOf(id ?? '').seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it(
    'An answer that is completed while the log is being read ends with its last message.',
    { timeout: 10_000 },
    async () => {
      const log = new SlowLog({ appendMs: 0, readMs: 30 });
      const { world, desk } = await createWorkingWorld(sdk, { stores: { events: log } });
      const session = await openSession(world, TOKENS.acme);
      const answer = callWork(session);
      const call = await desk.untilCalled('work');
      await call.progress(1);
      const reader = await answer;
      await reader.untilProgress(1);
      const coming = listen(session, reader.events[0]?.id);
      await call.progress(2);
      call.finish('done');
      const back = await coming;
      await back.untilEnd();
      expect(back.messages.map((message) => message.params?.progress ?? textOf(message))).toEqual([
        1,
        2,
        'done',
      ]);
    },
  );

  it(
    'An answer whose last message alone was missed is found, also when it comes while the log is being read.',
    { timeout: 10_000 },
    async () => {
      const log = new SlowLog({ appendMs: 0, readMs: 30 });
      const { world, desk } = await createWorkingWorld(sdk, { stores: { events: log } });
      const session = await openSession(world, TOKENS.acme);
      const answer = callWork(session);
      const call = await desk.untilCalled('work');
      await call.progress(1);
      const reader = await answer;
      await reader.untilProgress(1);
      const coming = listen(session, reader.lastId);
      call.finish('done');
      const back = await coming;
      await back.untilEnd();
      expect(back.messages.map(textOf)).toEqual(['done']);
    },
  );

  it('Two clients that come back at once to one stream: one of them has it, and it has all.', async () => {
    const log = new SlowLog({ appendMs: 0, readMs: 20 });
    const { world, desk } = await createWorkingWorld(sdk, { stores: { events: log } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    await desk.say('one', 'two');
    await stream.untilSaid('two');
    const both = await Promise.all([
      listen(session, stream.idOf('one')),
      listen(session, stream.idOf('one')),
    ]);
    await desk.say('three');
    await vi.waitFor(() => {
      expect(both.filter((reader) => reader.said.includes('three'))).toHaveLength(1);
    });
    const winner = both.find((reader) => reader.said.includes('three'));
    expect(winner?.said).toEqual(['two', 'three']);
    expect(both.filter(({ ended }) => ended)).toHaveLength(1);
    expect(world.tessera.getStats().openStreams).toBe(1);
  });

  it('When the session ends while the log is being read, the stream that comes of it has ended.', async () => {
    const log = new SlowLog({ appendMs: 0, readMs: 30 });
    const { world, desk } = await createWorkingWorld(sdk, { stores: { events: log } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    await desk.say('one', 'two');
    await stream.untilSaid('two');
    const coming = session.get({ headers: { 'last-event-id': stream.idOf('one') } });
    await session.end();
    const reader = new SseReader(await coming);
    await reader.untilEnd();
    expect(world.tessera.getStats()).toMatchObject({ openStreams: 0, activeSessions: 0 });
  });

  it(
    'What is still being written when the client comes back is not skipped.',
    { timeout: 10_000 },
    async () => {
      const log = new SlowLog({ appendMs: 30, readMs: 1 });
      const { world, desk } = await createWorkingWorld(sdk, { stores: { events: log } });
      const session = await openSession(world, TOKENS.acme);
      const stream = await listen(session);
      await desk.say('one', 'two');
      await stream.untilSaid('two');
      const back = await listen(session, stream.idOf('one'));
      await desk.say('three');
      await back.untilSaid('three');
      expect(back.said).toEqual(['two', 'three']);
    },
  );

  it(
    'An answer whose last message is still being written is not taken for one that is gone.',
    { timeout: 10_000 },
    async () => {
      const log = new SlowLog({ appendMs: 30, readMs: 1 });
      const { world, desk } = await createWorkingWorld(sdk, { stores: { events: log } });
      const session = await openSession(world, TOKENS.acme);
      const answer = callWork(session);
      const call = await desk.untilCalled('work');
      await call.progress(1);
      const reader = await answer;
      await reader.untilProgress(1);
      await reader.leave();
      call.finish('done');
      await vi.waitFor(() => {
        expect(world.tessera.getStats().callsInFlight).toBe(0);
      });
      const back = await listen(session, reader.lastId);
      await back.untilEnd();
      expect(back.messages.map(textOf)).toEqual(['done']);
    },
  );
});

/** What a client gets that comes back when a message is said a few microtasks after the log has answered. */
async function saidInBetween(microtasks: number): Promise<string[]> {
  const log = new HeldLog();
  const { world, desk } = await createWorkingWorld(WORKING_V1, { stores: { events: log } });
  const session = await openSession(world, TOKENS.acme);
  const stream = await listen(session);
  await desk.say('one', 'two');
  await stream.untilSaid('two');
  log.holding = true;
  const coming = listen(session, stream.idOf('one'));
  await vi.waitFor(() => {
    expect(log.waiting).toBe(1);
  });
  log.holding = false;
  log.release();
  for (let tick = 0; tick < microtasks; tick += 1) await Promise.resolve();
  void desk.say('in between');
  const back = await coming;
  await desk.say('after');
  await back.untilSaid('after');
  return back.said;
}

describe('What is said in the moment between the log and the connection', () => {
  it('It is not lost, at whichever microtask it comes.', async () => {
    const lostAt: number[] = [];
    for (let microtasks = 0; microtasks < 16; microtasks += 1) {
      const said = await saidInBetween(microtasks);
      if (said.join() !== 'two,in between,after') lostAt.push(microtasks);
    }
    expect(lostAt).toEqual([]);
  });
});

describe.each(WORKING_SDKS)('With a log that fails ($name)', (sdk) => {
  it.each(FAILURES)(
    'When it %s, that is told, and streams go on as if nothing were kept.',
    async (_name, fail) => {
      const { world, desk } = await createWorkingWorld(sdk, { stores: { events: failingLog(fail) } });
      const session = await openSession(world, TOKENS.acme);
      const stream = await listen(session);
      await desk.say('one', 'two');
      await stream.untilSaid('one', 'two');
      await vi.waitFor(() => {
        expect(failures(world)).toEqual(['append failed', 'append failed']);
      });
      expect(world.events('transportError')[0]).toMatchObject({ tenantId: 'acme', sessionId: session.id });
      await stream.leave();
      const back = await listen(session, stream.idOf('one'));
      await desk.say('three');
      await back.untilSaid('three');
      expect(back.said).toEqual(['three']);
      expect(failures(world)).toContain('read failed');
      const answer = callWork(session);
      const call = await desk.untilCalled('work');
      await call.progress(1);
      call.finish('done');
      const reader = await answer;
      await reader.untilEnd();
      expect(textOf(reader.messages.at(-1) ?? { jsonrpc: '2.0' })).toBe('done');
      expect((await session.end()).status).toBe(200);
      await vi.waitFor(() => {
        expect(failures(world)).toContain('forget failed');
      });
      expect(world.events('internalError')).toEqual([]);
      expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, openStreams: 0, callsInFlight: 0 });
    },
  );
});
