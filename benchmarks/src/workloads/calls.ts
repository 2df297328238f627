import { FLOOR } from '../candidates/catalogue.js';
import { limitsLine } from '../candidates/limits.js';
import { limitsOf, type Wish } from './clients-of.js';
import { flat, measureLoad } from './measure-load.js';
import { chosen, roundsOf, type Plan } from './plan.js';
import { entryOf, type Column, type Workload } from './workload.js';

const QUICK = [
  'tessera-node-session-v1',
  'tessera-node-session-v2',
  'tessera-node-stateless-v1',
  'tessera-node-stateless-v2',
  'tessera-fastify-session-v2',
  'v1-express-session-json',
  'v2-node-session-json',
  'v2-node-modern',
];

/** What every table of a load at 16 connections shows. */
export const LOAD_COLUMNS: readonly Column[] = [
  { heading: '× floor', figures: ['16.cpu'], as: 'times', digits: 2, range: true, compared: true },
  { heading: 'CPU µs', figures: ['16.cpu'], as: 'value', digits: 1 },
  { heading: 'per s', figures: ['16.perSecond'], as: 'value' },
  { heading: 'p50 / p99 ms', figures: ['16.p50', '16.p99'], as: 'value', digits: 2 },
];

/** (a) Calls of a tool that does nothing, by clients of many tenants. */
export function calls(plan: Plan): Workload {
  const wish: Wish = {};
  const durations = plan.quick ? { warmUp: 1, measured: 0.7 } : { warmUp: 2, measured: 2 };
  return {
    letter: 'a',
    title: '`tools/call` of an echo, 256 tenants',
    about:
      'Each call is of another client in turn, and each client is of another tenant. The multiple and the CPU time are those at 16 connections.',
    limits: limitsLine(limitsOf(wish)),
    rounds: roundsOf(plan, { full: 3, quick: 1 }),
    base: FLOOR,
    columns: [
      ...LOAD_COLUMNS.slice(0, 2),
      ...[1, 16, 64].flatMap((count): Column[] => [
        { heading: `req/s, ${String(count)} conn.`, figures: [`${String(count)}.perSecond`], as: 'value' },
        {
          heading: 'p50 / p99 ms',
          figures: [`${String(count)}.p50`, `${String(count)}.p99`],
          as: 'value',
          digits: 2,
        },
      ]),
    ],
    entries: chosen(plan, { quick: QUICK }).map((candidate) =>
      entryOf(candidate, async () =>
        flat(
          await measureLoad(candidate, {
            wish,
            durations,
            counts: [16, 1, 64],
            operation: (client, connection) => client.call(connection),
          }),
        ),
      ),
    ),
  };
}
