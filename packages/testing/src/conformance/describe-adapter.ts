import { describe, it } from 'vitest';
import type { AdapterUnderTest } from './adapter-under-test.js';
import { concerns, missingNeeds, runCheck } from './check.js';
import { SUITES } from './suites.js';

/** How long one check may take, in milliseconds; the slowest need a tenth of it. */
const CHECK_MS = 30_000;

/**
 * Registers the tests that prove an adapter. What it cannot do by its capabilities is shown as skipped.
 *
 * @example
 * ```ts
 * describeAdapter({
 *   name: 'Express 5',
 *   mount: (mountable, { prefix, parseBodies, before }) => {
 *     const app = express().use((_request, response, next) => {
 *       response.set(before);
 *       next();
 *     });
 *     if (parseBodies) app.use(express.json());
 *     app.use(prefix || '/', toExpressHandler(mountable));
 *     app.get('/beside', (_request, response) => { response.send('beside'); });
 *     app.get('/failing', () => { throw new Error('failing'); });
 *     return listening(createServer(app), mountable);
 *   },
 * });
 * ```
 */
export function describeAdapter(adapter: AdapterUnderTest): void {
  describe(`The adapter ${adapter.name}`, () => {
    for (const suite of SUITES) {
      describe(suite.name, () => {
        for (const check of suite.checks.filter((one) => concerns(one, adapter))) {
          const missing = missingNeeds(check, adapter);
          const title = missing.length === 0 ? check.name : `${check.name} (needs ${missing.join(', ')})`;
          it.skipIf(missing.length > 0)(title, () => runCheck(check, adapter), CHECK_MS);
        }
      });
    }
  });
}
