import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, toolCall, type Id } from './helpers/messages.js';
import { openSession } from './helpers/session.js';
import { answerOf, EventReader } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

describe.each(SETTINGS)('The ids of requests ($name)', (setting) => {
  it('Three calls in flight with the same id each get their own answer.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const texts = ['first', 'second', 'third'];
    const answers = texts.map((text) => session.call(1, 'hold', text));
    for (const text of texts) await world.acme.untilHeld(text);
    for (const text of ['second', 'third', 'first']) (await world.acme.untilHeld(text)).release();
    for (const [index, text] of texts.entries()) {
      const answer = await answerOf((await answers[index]) as Response);
      expect(answer.id).toBe(1);
      expect(textOf(answer)).toBe(text);
    }
  });

  it('A string and a number that look alike are different ids.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const asNumber = session.call(1, 'hold', 'number');
    const asString = session.call('1', 'hold', 'string');
    (await world.acme.untilHeld('string')).release();
    (await world.acme.untilHeld('number')).release();
    expect(await answerOf(await asNumber)).toMatchObject({
      id: 1,
      result: { content: [{ text: 'number' }] },
    });
    expect(await answerOf(await asString)).toMatchObject({
      id: '1',
      result: { content: [{ text: 'string' }] },
    });
  });

  it.each<Id>([
    0,
    -7,
    9007199254740991,
    '',
    '007',
    '1.5',
    'null',
    'ünï-漢-🦉',
    '__proto__',
    'x'.repeat(1000),
  ])('The id %j comes back as it was, in a body and in a stream.', async (id) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    expect((await answerOf(await session.call(id, 'echo', 'a'))).id).toBe(id);
    expect((await answerOf(await session.post(toolCall(id, 'steps', 'b', 'token')))).id).toBe(id);
    expect((await answerOf(await session.post(request(id, 'no/such/method')))).id).toBe(id);
  });

  it('Two calls with the same id and the same progress token each get their own progress.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const open = async (text: string): Promise<EventReader> =>
      new EventReader(await session.post(toolCall(1, 'holdWithProgress', text, 'same')));
    const streams = new Map([
      ['a', await open('a')],
      ['b', await open('b')],
    ]);
    for (const [text, stream] of streams) {
      (await world.acme.untilHeld(text)).release();
      await stream.untilEnd();
      expect(stream.count('notifications/progress')).toBe(1);
      expect(stream.messages[0]?.params?.progressToken).toBe('same');
      expect(textOf(stream.messages[1] ?? { jsonrpc: '2.0' })).toBe(text);
    }
  });

  it.each<Id>([0, 1, '1', 'token'])('The progress token %j comes back as it was.', async (token) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = new EventReader(await session.post(toolCall('call', 'steps', 'x', token)));
    await stream.untilEnd();
    expect(stream.messages.map((message) => message.params?.progressToken)).toEqual([
      token,
      token,
      undefined,
    ]);
  });

  it('Twenty calls at once over two sessions of two tenants get their own answers.', async () => {
    const world = await createWorld(setting);
    const sessions = [await openSession(world, TOKENS.acme), await openSession(world, TOKENS.globex)];
    const calls = Array.from({ length: 20 }, async (_, index) => {
      const text = `text ${String(index)}`;
      const tool = index % 3 === 0 ? 'warn' : 'echo';
      const response = await sessions[index % 2]?.call(index % 4, tool, text);
      expect(textOf(await answerOf(response as Response))).toBe(text);
    });
    await Promise.all(calls);
  });
});
