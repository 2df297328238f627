import { memoryEventLog, type MemoryEventLogOptions, type EventLog } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from '../helpers/cleanup.js';
import { openSession } from '../helpers/session.js';
import { TOKENS } from '../helpers/world.js';
import { callWork, listen } from './helpers/listening.js';
import { createWorkingWorld, WORKING_SDKS, WORKING_V1 } from './helpers/working-servers.js';

afterEach(closeEverything);

const MEBIBYTE = 1_048_576;

/** A log whose time stands still until the test moves it. */
function logWithClock(options: MemoryEventLogOptions = {}): { log: EventLog; pass: (ms: number) => void } {
  let now = 0;
  const unused = (): number => 0;
  const log = memoryEventLog({
    ...options,
    clock: { now: () => now, monotonic: () => now },
    timers: { setTimeout: unused, clearTimeout: unused, setInterval: unused, clearInterval: unused },
  });
  return {
    log,
    pass: (ms) => {
      now += ms;
    },
  };
}

/** How many bytes an event takes as it is sent. */
const sizeOf = ({ id, data }: { id?: string; data: string }): number =>
  new TextEncoder().encode(`event: message\nid: ${id ?? ''}\ndata: ${data}\n\n`).byteLength;

describe.each(WORKING_SDKS)('How much of a stream is kept ($name)', (sdk) => {
  it('The last 1,000 events of a stream are kept.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    await desk.say(...Array.from({ length: 1200 }, (_, index) => String(index + 1)));
    await stream.untilSaid('1200');
    await stream.leave();
    const back = await listen(session, stream.events[0]?.id);
    await back.untilSaid('1200');
    expect(back.said).toEqual(Array.from({ length: 1000 }, (_, index) => String(index + 201)));
  });

  it('The last MiB of a stream is kept, and not a message less.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    for (let number = 1; number <= 40; number += 1) {
      const text = `${String(number)} ${'x'.repeat(50_000 + number * 100)}`;
      await desk.say(text);
      await stream.untilSaid(text);
    }
    await stream.leave();
    const back = await listen(session, stream.events[0]?.id);
    await back.untilSaid(stream.said.at(-1) ?? '');
    const kept = back.events.slice(1);
    const total = kept.reduce((sum, event) => sum + sizeOf(event), 0);
    expect(kept).toEqual(stream.events.slice(-kept.length));
    expect(total).toBeLessThanOrEqual(MEBIBYTE);
    const before = stream.events.at(-kept.length - 1);
    expect(total + (before === undefined ? 0 : sizeOf(before))).toBeGreaterThan(MEBIBYTE);
  });
});

describe('How long and for whom events are kept', () => {
  it('Events are kept for five minutes.', async () => {
    const { log, pass } = logWithClock();
    const { world, desk } = await createWorkingWorld(WORKING_V1, { stores: { events: log } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    await desk.say('old');
    pass(1000);
    await desk.say('young');
    await stream.untilSaid('young');
    await stream.leave();
    pass(298_999);
    const inTime = await listen(session, stream.events[0]?.id);
    await inTime.untilSaid('young');
    expect(inTime.said).toEqual(['old', 'young']);
    await inTime.leave();
    pass(1);
    const late = await listen(session, stream.events[0]?.id);
    await late.untilSaid('young');
    expect(late.said).toEqual(['young']);
    await late.leave();
    pass(1000);
    const tooLate = await listen(session, stream.events[0]?.id);
    await desk.say('live');
    await tooLate.untilSaid('live');
    expect(tooLate.said).toEqual(['live']);
  });

  it('Whoever comes back for a complete answer that is no longer kept is told not to come back again.', async () => {
    const { log, pass } = logWithClock();
    const { world, desk } = await createWorkingWorld(WORKING_V1, { stores: { events: log } });
    const session = await openSession(world, TOKENS.acme);
    const answer = callWork(session);
    const call = await desk.untilCalled('work');
    await call.progress(1);
    call.finish('done');
    const reader = await answer;
    await reader.untilEnd();
    pass(300_000);
    const back = await session.get({ headers: { 'last-event-id': reader.events[0]?.id ?? '' } });
    expect([back.status, await back.text()]).toEqual([204, '']);
  });

  it('What a tenant has kept counts together, and nothing of another tenant gives way for it.', async () => {
    const { log } = logWithClock({ bytesPerTenant: 10_000 });
    const { world, desk } = await createWorkingWorld(WORKING_V1, { stores: { events: log } });
    const foreign = await openSession(world, TOKENS.globex);
    const foreignStream = await listen(foreign);
    await world.globex.newest().log('error', 'foreign');
    await foreignStream.untilSaid('foreign');
    await foreignStream.leave();
    const one = await openSession(world, TOKENS.acme);
    const oneStream = await listen(one);
    await desk.say('first', 'x'.repeat(3000));
    await oneStream.untilSaid('x'.repeat(3000));
    await oneStream.leave();
    const two = await openSession(world, TOKENS.sibling);
    const twoStream = await listen(two);
    await desk.say('y'.repeat(4000), 'z'.repeat(4000));
    await twoStream.untilSaid('z'.repeat(4000));
    await twoStream.leave();
    const twoBack = await listen(two, twoStream.events[0]?.id);
    await twoBack.untilEvents(3);
    expect(twoBack.said).toEqual(twoStream.said);
    const oneBack = await listen(one, oneStream.events[0]?.id);
    await oneBack.untilEvents(1);
    expect(oneBack.said).toEqual([]);
    const foreignBack = await listen(foreign, foreignStream.events[0]?.id);
    await foreignBack.untilSaid('foreign');
    expect(foreignBack.said).toEqual(['foreign']);
  });
});

describe.each(WORKING_SDKS)('A stream that nobody reads ($name)', (sdk) => {
  it('It is cut when more than 1 MiB waits, which is told, and resumed from the last event the client saw.', async () => {
    const { world, desk } = await createWorkingWorld(sdk);
    const session = await openSession(world, TOKENS.acme);
    const first = await listen(session);
    await desk.say('seen');
    await first.untilSaid('seen');
    await first.leave();
    const unread = await session.get({ headers: { 'last-event-id': first.lastId } });
    const texts: string[] = [];
    while (world.tessera.getStats().openStreams > 0 && texts.length < 20) {
      texts.push(`${String(texts.length)} ${'x'.repeat(100_000)}`);
      await desk.say(texts.at(-1) ?? '');
    }
    // Ten of them fit into 1 MiB.
    expect(texts).toHaveLength(11);
    expect(world.events('transportError')).toHaveLength(1);
    expect(world.tessera.getStats()).toMatchObject({ openStreams: 0, activeSessions: 1 });
    await expect(unread.text()).rejects.toThrow('too slowly');
    const back = await listen(session, first.lastId);
    await back.untilSaid(texts.at(-1) ?? '');
    expect(back.said).toEqual(texts.slice(-back.said.length));
    // The first ones may have given way in the log, which is as large as the queue.
    expect(back.said.length).toBeGreaterThanOrEqual(10);
  });

  it(
    'An answer that nobody reads is cut as well; the call goes on and its result is found.',
    { timeout: 10_000 },
    async () => {
      const { world, desk } = await createWorkingWorld(sdk, { limits: { queuedBytes: 20_000 } });
      const session = await openSession(world, TOKENS.acme);
      const answering = session.post({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'work', arguments: { text: 'work' } },
      });
      const call = await desk.untilCalled('work');
      await call.log('first');
      const body = (await answering).body?.getReader();
      const beginning = new TextDecoder().decode((await body?.read())?.value);
      const id = /^id: (.*)$/m.exec(beginning)?.[1];
      const texts = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(8000));
      for (const text of texts) await call.log(text);
      expect(world.events('transportError')).toHaveLength(1);
      expect(call.signal.aborted).toBe(false);
      call.finish('done');
      await vi.waitFor(() => {
        expect(world.tessera.getStats().callsInFlight).toBe(0);
      });
      const back = await listen(session, id);
      await back.untilEnd();
      expect(back.said).toEqual(['first', ...texts]);
      expect(back.messages.at(-1)).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } });
    },
  );

  it('A message larger than all that may wait is sent when nothing waits before it.', async () => {
    const { world, desk } = await createWorkingWorld(sdk, { limits: { queuedBytes: 1000 } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await listen(session);
    await stream.untilEvents(1);
    const text = 'x'.repeat(5000);
    await desk.say(text);
    await stream.untilSaid(text);
    expect(world.events('transportError')).toEqual([]);
  });
});
