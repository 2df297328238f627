import { afterEach, describe, expect, it } from 'vitest';

import { rejectionOf, thrownBy } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { request } from '../session-era/helpers/messages.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { createWorld, IN_PROCESS, newToken, TOKENS } from '../session-era/helpers/world.js';

afterEach(closeEverything);

const UNUSABLE: readonly [string, unknown][] = [
  ['NaN', NaN],
  ['a negative number', -5],
  ['a text', '60000'],
];

describe('Grace periods that are no number of milliseconds', () => {
  it.each(UNUSABLE)('rotateToken refuses %s and changes nothing.', async (_what, graceMs) => {
    const { tessera, ...world } = await createWorld(IN_PROCESS);
    const session = await openSession({ tessera, ...world }, TOKENS.acme);
    const token = newToken();
    const options = { graceMs } as { graceMs: number };
    expect(thrownBy(() => tessera.rotateToken(TOKENS.acme, token, options)).code).toBe('invalid_option');
    expect(tessera.hasToken(TOKENS.acme)).toBe(true);
    expect(tessera.hasToken(token)).toBe(false);
    expect(tessera.getStats().tokens).toBe(3);
    expect(world.events('tokenRotated')).toHaveLength(0);
    expect((await session.post(request(1, 'ping'))).status).toBe(200);
    expect(() => tessera.addToken('acme', token)).not.toThrow();
  });

  it.each(UNUSABLE)('drain refuses %s and changes nothing.', async (_what, graceMs) => {
    const world = await createWorld(IN_PROCESS);
    const session = await openSession(world, TOKENS.acme);
    const draining = world.tessera.drain({ graceMs } as { graceMs: number });
    expect((await rejectionOf(draining)).code).toBe('invalid_option');
    expect(world.tessera.ready()).toBe(true);
    expect((await session.post(request(1, 'ping'))).status).toBe(200);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    await world.tessera.drain({ graceMs: 0 });
    expect(world.tessera.ready()).toBe(false);
  });
});
