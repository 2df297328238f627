import { DEFAULT_LIMITS, type TenantInfo, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../session-era/helpers/cleanup.js';
import { initialize } from '../session-era/helpers/session.js';
import { createWorld, IN_PROCESS, TOKENS } from '../session-era/helpers/world.js';

afterEach(closeEverything);

const WAYS: readonly [string, (tessera: Tessera) => TenantInfo | undefined][] = [
  ['getTenant', (tessera) => tessera.getTenant('acme')],
  ['tenants', (tessera) => tessera.tenants().find(({ id }) => id === 'acme')],
];

describe('The limits that a tessera shows of a tenant', () => {
  it.each(WAYS)('What is written into those of %s changes no cap.', async (_way, find) => {
    const { tessera, ...world } = await createWorld(IN_PROCESS, {}, { limits: { sessions: 1 } });
    const limits = find(tessera)?.limits ?? {};
    Reflect.set(limits, 'sessions', 5);
    Reflect.set(limits, 'calls', 0.1);
    expect(find(tessera)?.limits).toMatchObject({ sessions: 1, calls: DEFAULT_LIMITS.calls });
    const statuses: number[] = [];
    for (let count = 0; count < 2; count += 1) {
      statuses.push((await initialize({ tessera, ...world }, TOKENS.acme)).status);
    }
    // The second one is there in the place of the first.
    expect(statuses).toEqual([200, 200]);
    expect(tessera.getStats().activeSessions).toBe(1);
  });

  it('What is written into those after an update changes no cap either.', async () => {
    const world = await createWorld(IN_PROCESS);
    await world.tessera.updateTenant('acme', { limits: { sessions: 1 } });
    Reflect.set(world.tessera.getTenant('acme')?.limits ?? {}, 'sessions', 5);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect(world.tessera.getStats().activeSessions).toBe(1);
  });

  it('Limits that the program changes after it has passed them change no cap.', async () => {
    const limits = { sessions: 1 };
    const world = await createWorld(IN_PROCESS, {}, { limits });
    limits.sessions = 5;
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect(world.tessera.getStats().activeSessions).toBe(1);
  });

  it('The caps of one tenant cannot be reached through those of another.', async () => {
    const world = await createWorld(IN_PROCESS);
    Reflect.set(world.tessera.getTenant('globex')?.limits ?? {}, 'sessions', 0.1);
    Reflect.set(DEFAULT_LIMITS, 'sessions', 0.1);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
  });
});
