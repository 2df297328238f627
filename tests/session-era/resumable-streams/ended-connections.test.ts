import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../helpers/cleanup.js';
import { textOf } from '../helpers/messages.js';
import { openSession } from '../helpers/session.js';
import { TOKENS } from '../helpers/world.js';
import { callWork, listen, PRIMED_VERSION, UNPRIMED_VERSIONS } from './helpers/listening.js';
import { createWorkingWorld, WORKING_SDKS } from './helpers/working-servers.js';

afterEach(closeEverything);

describe.each(WORKING_SDKS)('Connections that a handler ends ($name)', (sdk) => {
  it('A call that has said nothing yet becomes a stream that ends, and its client comes back for the result.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme, { version: PRIMED_VERSION });
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    call.closeStream?.();
    const reader = await answer;
    await reader.untilEnd();
    expect(reader.failure).toBeUndefined();
    expect(reader.messages).toEqual([]);
    expect(reader.events[0]).toMatchObject({ retry: '1000', data: '' });
    expect(call.signal.aborted).toBe(false);
    const back = await listen(session, reader.lastId);
    await call.progress(1);
    await back.untilProgress(1);
    call.finish('done');
    await back.untilEnd();
    expect(back.messages).toHaveLength(2);
    expect(back.messages.map(textOf)[1]).toBe('done');
  });

  it(
    'What was said before the end is not lost, and what is said while nobody is there is kept.',
    { timeout: 10_000 },
    async () => {
      const { world, desk } = await createWorkingWorld(sdk);
      const session = await openSession(world, TOKENS.acme);
      const answer = callWork(session);
      const call = await desk.untilCalled('work');
      await call.log('before');
      call.closeStream?.();
      const reader = await answer;
      await reader.untilEnd();
      expect(reader.said).toEqual(['before']);
      await call.log('while nobody is there');
      const back = await listen(session, reader.lastId);
      await call.log('again');
      await back.untilSaid('again');
      call.closeStream?.();
      await back.untilEnd();
      call.finish('done');
      const last = await listen(session, back.lastId);
      await last.untilEnd();
      expect(back.said).toEqual(['while nobody is there', 'again']);
      expect(last.messages.map(textOf)).toEqual(['done']);
    },
  );

  it('The newest GET stream can be ended the same way, and its client loses nothing.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const older = await listen(session);
    const newest = await listen(session);
    await desk.say('one');
    await newest.untilSaid('one');
    void callWork(session);
    const call = await desk.untilCalled('work');
    call.closeStandaloneStream?.();
    await newest.untilEnd();
    expect(older.ended).toBe(false);
    const back = await listen(session, newest.lastId);
    await desk.say('two');
    await back.untilSaid('two');
    expect(back.said).toEqual(['two']);
    expect(call.signal.aborted).toBe(false);
    call.finish('done');
  });

  it('Ending a connection after the answer, or twice, does nothing.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    await call.progress(1);
    call.closeStream?.();
    call.closeStream?.();
    const reader = await answer;
    await reader.untilEnd();
    call.finish('done');
    const back = await listen(session, reader.lastId);
    await back.untilEnd();
    call.closeStream?.();
    expect(back.messages.map(textOf)).toEqual(['done']);
    expect(world.events('transportError')).toEqual([]);
  });

  it.each(UNPRIMED_VERSIONS)('At %s a handler cannot end a connection.', async (version) => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme, { version });
    void callWork(session);
    const call = await desk.untilCalled('work');
    expect(call.closeStream).toBeUndefined();
    expect(call.closeStandaloneStream).toBeUndefined();
    call.finish('done');
  });

  it('With resumable: false a handler cannot end a connection, and its stream has no ids.', async () => {
    const { world, desk } = await createWorkingWorld(sdk, { sessions: { resumable: false } });
    const session = await openSession(world, TOKENS.acme, { version: PRIMED_VERSION });
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    expect(call.closeStream).toBeUndefined();
    expect(call.closeStandaloneStream).toBeUndefined();
    await call.log('one');
    call.finish('done');
    const reader = await answer;
    await reader.untilEnd();
    expect(reader.events).toHaveLength(2);
    expect(reader.events.map(({ id, retry }) => id ?? retry)).toEqual([undefined, undefined]);
  });
});
