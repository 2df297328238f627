import { afterEach, describe, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { expectNoDifference } from './helpers/expect-no-difference.js';
import { throughTessera } from './helpers/ways.js';
import { highLevelV1 } from './servers/high-level-v1.js';
import { lowLevelV1 } from './servers/low-level-v1.js';

afterEach(closeEverything);

describe('Any request of MCP 2026-07-28 to a server of SDK v1', () => {
  it.each([
    { name: 'McpServer', server: highLevelV1, runs: 14_000 },
    { name: 'Server', server: lowLevelV1, runs: 6000 },
  ])(
    'Is answered in the same way directly and not ($name).',
    { timeout: 180_000 },
    async ({ server, runs }) => {
      const ways = [throughTessera(server, { direct: true }), throughTessera(server, { direct: false })];
      await expectNoDifference({ ways, runs });
    },
  );
});
