import { FLOOR } from '../candidates/catalogue.js';
import { limitsLine } from '../candidates/limits.js';
import { LOAD_COLUMNS } from './calls.js';
import { limitsOf, type Wish } from './clients-of.js';
import { flat, measureLoad } from './measure-load.js';
import { chosen, isTypical, roundsOf, type Plan } from './plan.js';
import { entryOf, type Workload } from './workload.js';

const QUICK = ['tessera-node-session-v2', 'tessera-node-stateless-v2', 'v2-node-session-json'];

/** (d) Results of 256 KiB. */
export function large(plan: Plan): Workload {
  const wish: Wish = { tools: 'large' };
  const durations = plan.quick ? { warmUp: 0.5, measured: 1 } : { warmUp: 2, measured: 2.5 };
  return {
    letter: 'd',
    title: 'Results of 256 KiB',
    about:
      'The same calls, answered with 262,144 characters of text that are other ones each time, at 16 connections.',
    limits: limitsLine(limitsOf(wish)),
    rounds: roundsOf(plan, { full: 2, quick: 1 }),
    base: FLOOR,
    columns: LOAD_COLUMNS,
    entries: chosen(plan, { full: isTypical, quick: QUICK }).map((candidate) =>
      entryOf(candidate, async () =>
        flat(
          await measureLoad(candidate, {
            wish,
            durations,
            counts: [16],
            operation: (client, connection) => client.call(connection),
          }),
        ),
      ),
    ),
  };
}
