import type { Digest } from '@tessera-mcp/core';
import { nodeDigest } from '@tessera-mcp/node';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../helpers/cleanup.js';
import { openSession, type TestSession } from '../helpers/session.js';
import { TOKENS } from '../helpers/world.js';
import { callWork, listen, PRIMED_VERSION, UNPRIMED_VERSIONS } from './helpers/listening.js';
import { partsOf, SseReader } from './helpers/sse-reader.js';
import {
  createWorkingWorld,
  WORKING_SDKS,
  WORKING_V1,
  type WorkingWorld,
} from './helpers/working-servers.js';

afterEach(closeEverything);

/** A stream of which two messages were seen and a third one was missed. */
async function lostStream(session: TestSession, { desk }: WorkingWorld): Promise<SseReader> {
  const stream = await listen(session);
  await desk.say('seen', 'seen too', 'missed');
  await stream.untilSaid('missed');
  await stream.leave();
  return stream;
}

/** All that a client sees of an answer but what is new in every one: the name of the stream and the mac. */
async function answerTo(
  session: TestSession,
  lastEventId: string | undefined,
  { desk }: WorkingWorld,
): Promise<object> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await session.get({ headers });
  const reader = new SseReader(response);
  await desk.say('live');
  await reader.untilSaid('live');
  await reader.leave();
  return {
    status: response.status,
    headers: [...response.headers].filter(([name]) => name !== 'date'),
    events: reader.events.map(({ id, ...others }) => ({ ...others, seq: partsOf(id ?? '').seq })),
  };
}

const replaced = (id: string, part: keyof ReturnType<typeof partsOf>, value: string): string => {
  const parts = { ...partsOf(id), [part]: value };
  return [parts.epoch, parts.stream, String(parts.seq), parts.mac].join('.');
};

/** The same text with one character changed into another that may stand there. */
const changedAt = (text: string, index: number): string =>
  text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);

describe.each(WORKING_SDKS)('Event ids that a session did not give out ($name)', (sdk) => {
  it.each([PRIMED_VERSION, UNPRIMED_VERSIONS[0]])(
    'At %s ids of other sessions, forged, cut and made-up ones get the answer that no id gets.',
    async (version) => {
      const given = await createWorkingWorld(sdk);
      const { world } = given;
      const sameUser = await openSession(world, TOKENS.acme, { version });
      const ofSameUser = await lostStream(sameUser, given);
      const sibling = await openSession(world, TOKENS.sibling, { version });
      const ofSibling = await lostStream(sibling, given);
      const otherTenant = await openSession(world, TOKENS.globex, { version });
      const foreignStream = await listen(otherTenant);
      await world.globex.newest().log('error', 'one');
      await world.globex.newest().log('error', 'two');
      await foreignStream.untilSaid('two');
      await foreignStream.leave();

      const session = await openSession(world, TOKENS.acme, { version });
      const own = await lostStream(session, given);
      const id = own.idOf('seen');
      const { mac } = partsOf(id);
      const expected = await answerTo(session, undefined, given);
      const strangers = [
        ofSameUser.idOf('seen'),
        ofSibling.idOf('seen'),
        foreignStream.idOf('one'),
        replaced(id, 'mac', mac.slice(8) + mac.slice(0, 8)),
        replaced(id, 'mac', partsOf(own.idOf('seen too')).mac),
        replaced(id, 'seq', '0'),
        replaced(id, 'seq', '2'),
        replaced(id, 'seq', '9007199254740993'),
        replaced(id, 'seq', '-1'),
        replaced(id, 'seq', '01'),
        replaced(id, 'stream', 'p1'),
        replaced(id, 'stream', 'g2'),
        replaced(id, 'stream', '__proto__'),
        replaced(id, 'epoch', partsOf(ofSibling.idOf('seen')).epoch),
        `${id}.${mac}`,
        `${id}A`,
        `A${id}`,
        id.toUpperCase() === id ? id.toLowerCase() : id.toUpperCase(),
        '0',
        '...',
        'x'.repeat(4000),
        '\u00e9\u00ff',
      ];
      for (const stranger of strangers) {
        expect(await answerTo(session, stranger, given), stranger).toEqual(expected);
      }
      // The id itself, to know that the others were turned down for what is wrong with them.
      expect(await answerTo(session, id, given)).not.toEqual(expected);
    },
    30_000,
  );

  it('An id that is cut anywhere, or changed in any one character, opens a new stream.', async () => {
    const given = await createWorkingWorld(sdk);
    const session = await openSession(given.world, TOKENS.acme);
    const id = (await lostStream(session, given)).idOf('seen');
    const expected = await answerTo(session, undefined, given);
    for (let index = 1; index < id.length; index += 1) {
      expect(await answerTo(session, id.slice(0, index), given), `cut at ${String(index)}`).toEqual(expected);
      expect(await answerTo(session, changedAt(id, index), given), `changed at ${String(index)}`).toEqual(
        expected,
      );
    }
    expect(await answerTo(session, id, given)).not.toEqual(expected);
  });

  it('The id of an answer of another session brings nothing of it.', async () => {
    const given = await createWorkingWorld(sdk);
    const session = await openSession(given.world, TOKENS.acme);
    const answer = callWork(session);
    const call = await given.desk.untilCalled('work');
    await call.progress(1);
    const reader = await answer;
    await reader.untilProgress(1);
    const other = await openSession(given.world, TOKENS.acme);
    const intruder = await listen(other, reader.lastId);
    await call.progress(2);
    call.finish('secret');
    await reader.untilEnd();
    await given.desk.say('for the other session');
    await intruder.untilSaid('for the other session');
    expect(intruder.messages).toHaveLength(1);
    expect(reader.messages).toHaveLength(3);
  });
});

describe('Event ids that lie in the future', () => {
  it('Even one with a correct mac opens a new stream.', async () => {
    const fixed = new Uint8Array(32);
    // With a digest that gives all events the same mac, any number can be claimed.
    const digest: Digest = (key, text) =>
      /^[\w-]+\.[gp]\w+\.\d+$/.test(text) ? fixed : nodeDigest(key, text);
    const given = await createWorkingWorld(WORKING_V1, { digest });
    const session = await openSession(given.world, TOKENS.acme);
    const id = (await lostStream(session, given)).idOf('seen');
    const expected = await answerTo(session, undefined, given);
    for (const seq of ['4', '5', '1000', '999999999999999']) {
      expect(await answerTo(session, replaced(id, 'seq', seq), given), seq).toEqual(expected);
    }
    for (const stream of ['g99', 'p99']) {
      expect(await answerTo(session, replaced(id, 'stream', stream), given), stream).toEqual(expected);
    }
    // A number that was given out is believed: this is what shows that the macs were correct.
    const known = await listen(session, replaced(id, 'seq', '2'));
    await known.untilSaid('missed');
    expect(known.said).toEqual(['missed']);
  });
});
