import { memorySessionStore } from '@tessera-mcp/core';
import { describe, it } from 'vitest';
import { OWNERSHIP_CHECKS } from '../src/conformance/ownership.js';
import { keptSessionChecks } from '../src/conformance/ownership/kept-session-checks.js';
import { OwnershipWorld } from '../src/conformance/ownership/ownership-world.js';
import { fetchClient } from './helpers/fetch-client.js';

describe('A tessera that is asked by fetch alone', () => {
  it.each(OWNERSHIP_CHECKS)('$name', async ({ users, run }) => {
    const world = new OwnershipWorld(users === undefined ? {} : { users });
    try {
      await run({ world, client: fetchClient(world.tessera), seesDuplicates: false });
    } finally {
      await world.tessera.close();
    }
  });

  it.each(keptSessionChecks)('$name', async ({ run }) => {
    const store = memorySessionStore();
    const world = new OwnershipWorld({ store });
    try {
      await run({ world, client: fetchClient(world.tessera), store });
    } finally {
      await world.tessera.close();
    }
  });
});
