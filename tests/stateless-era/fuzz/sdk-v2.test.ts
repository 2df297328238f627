import { afterEach, describe, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { expectNoDifference } from './helpers/expect-no-difference.js';
import { throughSdk, throughTessera } from './helpers/ways.js';
import { highLevelV2 } from './servers/high-level-v2.js';
import { lowLevelV2 } from './servers/low-level-v2.js';

afterEach(closeEverything);

describe('Any request of MCP 2026-07-28 to a server of SDK v2', () => {
  it.each([
    { name: 'McpServer', server: highLevelV2, runs: 14_000 },
    { name: 'Server', server: lowLevelV2, runs: 6000 },
  ])(
    'Is answered as the SDK alone does, directly and not ($name).',
    { timeout: 180_000 },
    async ({ server, runs }) => {
      const ways = [
        throughTessera(server, { direct: true }),
        throughTessera(server, { direct: false }),
        throughSdk(server),
      ];
      await expectNoDifference({ ways, runs });
    },
  );
});
