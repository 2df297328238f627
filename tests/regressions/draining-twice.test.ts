import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { textOf } from '../session-era/helpers/messages.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from '../session-era/helpers/world.js';
import { within } from './helpers/waiting.js';

afterEach(closeEverything);

describe.each(HOSTS)('A tessera that is drained twice ($name)', (setting) => {
  it('The second drain waits like the first, and a call within the grace period is answered.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'slow').then(answerOf);
    const held = await world.acme.untilHeld('slow');
    const finished: string[] = [];
    const first = world.tessera.drain({ graceMs: 4000 }).then(() => finished.push('first'));
    const second = world.tessera.drain({ graceMs: 4000 }).then(() => finished.push('second'));
    await pause(80);
    expect(finished).toEqual([]);
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 1, activeSessions: 1 });
    expect((await initialize(world, TOKENS.acme)).status).toBe(503);
    held.release();
    expect(textOf(await within(2000, answer))).toBe('slow');
    await within(2000, Promise.all([first, second]));
    expect(finished.sort()).toEqual(['first', 'second']);
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 0 });
    expect(world.events('sessionEnded')).toHaveLength(1);
  });

  it('The second drain does not prolong the grace period of the first.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'never').then(answerOf);
    await world.acme.untilHeld('never');
    const first = world.tessera.drain({ graceMs: 100 });
    const second = world.tessera.drain({ graceMs: 60_000 });
    await within(2000, Promise.all([first, second]));
    expect(await within(1000, answer)).toHaveProperty('error');
    expect(world.tessera.ready()).toBe(false);
  });
});
