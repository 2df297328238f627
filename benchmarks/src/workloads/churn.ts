import { FLOOR, type Candidate } from '../candidates/catalogue.js';
import { limitsLine } from '../candidates/limits.js';
import { BenchClient } from '../load/clients.js';
import type { Operation } from '../load/closed-loop.js';
import { LOAD_COLUMNS } from './calls.js';
import { limitsOf, withCandidate, type Wish } from './clients-of.js';
import { flat, measure, warmUp, type Durations } from './measure-load.js';
import { chosen, isTypical, roundsOf, type Plan } from './plan.js';
import { withConnections } from './with-connections.js';
import { entryOf, type Figures, type Workload } from './workload.js';

const QUICK = ['tessera-node-session-v1', 'tessera-node-session-v2', 'v1-express-session-json'];

/** (b) Sessions that come and go. */
export function churn(plan: Plan): Workload {
  const wish: Wish = {};
  const durations = plan.quick ? { warmUp: 1, measured: 1 } : { warmUp: 2, measured: 2.5 };
  const candidates = chosen(plan, {
    able: ({ sessions }) => sessions,
    full: isTypical,
    quick: QUICK,
  });
  return {
    letter: 'b',
    title: 'Sessions that come and go',
    about:
      'One operation is `initialize`, `notifications/initialized`, `tools/list` and DELETE, one after the other, at 16 connections; each session is of another tenant.',
    limits: limitsLine(limitsOf(wish)),
    rounds: roundsOf(plan, { full: 3, quick: 1 }),
    base: FLOOR,
    columns: LOAD_COLUMNS,
    entries: candidates.map((candidate) => entryOf(candidate, () => comeAndGo(candidate, wish, durations))),
  };
}

function comeAndGo(candidate: Candidate, wish: Wish, durations: Durations): Promise<Figures> {
  return withCandidate(candidate, wish, (started) =>
    withConnections(started.running.port, 16, async (connections) => {
      const { tenants, speech } = started;
      const cycle: Operation = async (connection, index) => {
        const tenant = tenants[index % tenants.length];
        if (tenant === undefined) throw new Error('There are no tenants.');
        const client = await BenchClient.open(connection, tenant, speech);
        await client.list(connection, 1);
        await client.end(connection);
      };
      await warmUp(connections, durations.warmUp, cycle);
      return flat({ 16: await measure(started, connections, durations.measured, cycle) });
    }),
  );
}
