import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import type { Message } from '../session-era/helpers/messages.js';
import { openSession } from '../session-era/helpers/session.js';
import { createWorld, SETTINGS, TOKENS } from '../session-era/helpers/world.js';
import { until } from './helpers/waiting.js';

afterEach(closeEverything);

const SIZE = 400_000;
const QUEUED_BYTES = 1_048_576;

/** The number at the end of a message's text. */
const numberOf = ({ params }: Message): number => Number(params?.data?.slice(SIZE));

describe.each(SETTINGS)('What a server says while nobody listens ($name)', (setting) => {
  it('Of six large messages the next GET stream gets the newest that fit, and stays open.', async () => {
    const world = await createWorld(setting, { limits: { queuedBytes: QUEUED_BYTES } });
    const session = await openSession(world, TOKENS.acme);
    for (let number = 1; number <= 6; number += 1) {
      await world.acme.newest().log('info', 'x'.repeat(SIZE) + String(number));
    }
    const stream = await session.listen();
    await until(() => {
      expect(stream.messages.map(numberOf)).toEqual([5, 6]);
    });
    expect(JSON.stringify(stream.messages).length).toBeLessThanOrEqual(QUEUED_BYTES);
    await pause(30);
    expect(stream.ended).toBe(false);
    expect(world.tessera.getStats().openStreams).toBe(1);
    await world.acme.newest().log('info', 'x'.repeat(SIZE) + '7');
    await until(() => {
      expect(stream.messages.map(numberOf)).toEqual([5, 6, 7]);
    });
    expect(stream.ended).toBe(false);
    expect(world.events('transportError')).toHaveLength(0);
  });

  it('What one GET stream has delivered is not said again on the next.', async () => {
    const world = await createWorld(setting, { limits: { queuedBytes: QUEUED_BYTES } });
    const session = await openSession(world, TOKENS.acme);
    await world.acme.newest().log('info', 'x'.repeat(SIZE) + '1');
    const first = await session.listen();
    await until(() => {
      expect(first.messages.map(numberOf)).toEqual([1]);
    });
    const second = await session.listen();
    await world.acme.newest().log('info', 'x'.repeat(SIZE) + '2');
    await until(() => {
      expect(second.messages.map(numberOf)).toEqual([2]);
    });
    expect(first.messages.map(numberOf)).toEqual([1]);
  });
});
