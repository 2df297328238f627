import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { CARELESS } from './helpers/careless-ways.js';
import { describeDifferences } from './helpers/describe-differences.js';
import type { FuzzedRequest } from './helpers/draft.js';
import { fuzz } from './helpers/fuzz.js';
import { makeRequest, recipeOf } from './helpers/generate.js';
import { BY_SDK, throughSdk, type Way } from './helpers/ways.js';
import { highLevelV2 } from './servers/high-level-v2.js';
import { lowLevelV2 } from './servers/low-level-v2.js';

afterEach(closeEverything);

const SEED = 1;

describe('The comparison of answers', () => {
  it('Makes the same requests from the same seed, and others from another one.', () => {
    const requestsOf = (seed: number): FuzzedRequest[] =>
      Array.from({ length: 200 }, (_, index) => makeRequest(recipeOf(seed, index)));
    expect(requestsOf(5)).toEqual(requestsOf(5));
    expect(requestsOf(5)).not.toEqual(requestsOf(6));
  });

  it.each([
    ['McpServer', highLevelV2],
    ['Server', lowLevelV2],
  ])('Finds no difference between two that are the same (%s).', async (_name, server) => {
    const ways: Way[] = [throughSdk(server), { ...throughSdk(server), name: `${BY_SDK} once more` }];
    const report = await fuzz({ ways, runs: 1500, seed: SEED });
    expect(describeDifferences(report)).toBe('');
    expect(report.compared).toBe(1500);
  });

  it.each(Object.entries(CARELESS))(
    'Finds the difference when one of the two %s.',
    async (_name, careless) => {
      const right = throughSdk(highLevelV2);
      const wrong: Way = { ...careless(), name: `${BY_SDK}, carelessly` };
      const report = await fuzz({ ways: [wrong, right], runs: 8000, seed: SEED, enough: 1 });
      expect(report.differences).not.toHaveLength(0);
      const [first] = report.differences;
      expect(describeDifferences(report)).toContain(`TESSERA_SEED=${String(SEED)}`);
      // The recipe of a difference is enough to find it again.
      expect(first?.request).toEqual(first === undefined ? undefined : makeRequest(first.recipe));
    },
  );
});
