import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { turns } from '../../live-tenancy/helpers/client.js';
import { SDK_V1, SDK_V2, type MadeServer } from '../pitfalls/helpers/servers.js';
import { Listing, MEMORIES, PATHS } from './helpers/listing.js';

afterEach(closeEverything);

const CELLS = [SDK_V1, SDK_V2].flatMap((sdk) =>
  PATHS.flatMap((path) =>
    MEMORIES.map((memory) => ({ name: `${sdk.name}, ${path}, memory: ${memory}`, sdk, path, memory })),
  ),
);

/** Changes that a server announces, and what must be listed right after each. */
const CHANGES: readonly (readonly [(made: MadeServer) => void, readonly string[]])[] = [
  [
    ({ change }): void => {
      change('first', 'disabled');
    },
    ['second'],
  ],
  [
    ({ change }): void => {
      change('first', 'enabled');
    },
    ['first', 'second'],
  ],
  [
    ({ grow }): void => {
      grow('third');
    },
    ['first', 'second', 'third'],
  ],
  [
    ({ change }): void => {
      change('second', 'removed');
    },
    ['first', 'third'],
  ],
];

describe.each(CELLS)('A change of a list that is announced ($name)', ({ sdk, path, memory }) => {
  const listingOf = (): Listing<MadeServer> =>
    new Listing({
      path,
      memory,
      make: () => sdk.make({ first: () => 'first', second: () => 'second' }),
      serverOf: ({ server }) => server,
    });

  it('Is seen by the next one who asks.', async () => {
    const listing = listingOf();
    await listing.warmUp('tools/list');
    for (const [change, expected] of CHANGES) {
      listing.change(change);
      expect(await listing.names()).toEqual(expected);
      await listing.warmUp('tools/list');
      expect(await listing.names()).toEqual(expected);
    }
    listing.change(({ describe: redescribe }) => {
      redescribe('first', 'updated', 'update');
    });
    expect(await listing.description('first')).toBe('updated');
  });

  it('Is seen by the next one who asks, also when it came while a list was asked for.', async () => {
    const listing = listingOf();
    await listing.warmUp('tools/list');
    for (let late = 0; late < 6; late += 1) {
      const asking = listing.names();
      for (let turn = 0; turn < late; turn += 1) await Promise.resolve();
      const name = `grown${String(late)}`;
      listing.change(({ grow }) => {
        grow(name);
      });
      await asking;
      expect(await listing.names()).toContain(name);
    }
  });

  it('Is seen by those who have asked before the servers were replaced.', async () => {
    const listing = listingOf();
    await listing.warmUp('tools/list');
    await listing.tenant.tessera.updateTenant('acme', {
      server: () => sdk.make({ other: () => 'other' }).server,
    });
    await turns();
    expect(await listing.names()).toEqual(['other']);
  });
});
