import type { Candidate } from '../candidates/catalogue.js';
import { limitsLine } from '../candidates/limits.js';
import type { Memory } from '../candidates/running.js';
import { countedLoop, type Operation } from '../load/closed-loop.js';
import { clientsOf, limitsOf, withCandidate, type Wish } from './clients-of.js';
import { costOf, inTurn } from './measure-load.js';
import { chosen, isOursOnNode, roundsOf, type Plan } from './plan.js';
import { withConnections } from './with-connections.js';
import { entryOf, type Figures, type Workload } from './workload.js';

const QUICK = ['tessera-node-session-v2'];
const SAMPLE = 2000;
/** Some peers would need more than a gigabyte for more, or an hour. */
const PEER_CALLS = 10_000;

/** How many calls come before what is counted, and how many are counted. */
interface Calls {
  readonly before: number;
  readonly counted: number;
}

/** (h) What stays of calls. */
export function growth(plan: Plan): Workload {
  const wish: Wish = { patience: 900 };
  const candidates = chosen(plan, {
    full: (candidate) => isOursOnNode(candidate) || candidate.group === 'peers',
    quick: QUICK,
  });
  return {
    letter: 'h',
    title: 'Growth over many calls',
    about: `Calls of 256 clients of 256 tenants at 16 connections. How much the heap has grown for each between the ${plan.quick ? '5,000th and the 15,000th' : '10,000th and the 110,000th'} call, after garbage collection (peers: over ${PEER_CALLS.toLocaleString('en')} calls); and what the first and the last ${SAMPLE.toLocaleString('en')} have cost.`,
    limits: limitsLine(limitsOf(wish)),
    rounds: roundsOf(plan, { full: 1, quick: 1 }),
    columns: [
      { heading: 'bytes a call', figures: ['growth'], as: 'value', digits: 1, compared: true },
      { heading: 'CPU µs, first', figures: ['first'], as: 'value', digits: 1 },
      { heading: 'CPU µs, last', figures: ['last'], as: 'value', digits: 1 },
      { heading: 'calls', figures: ['calls'], as: 'value' },
    ],
    entries: candidates.map((candidate) =>
      entryOf(candidate, () => callOften(candidate, wish, callsOf(candidate, plan))),
    ),
  };
}

function callsOf({ group }: Candidate, { quick }: Plan): Calls {
  if (quick) return { before: 5000, counted: 10_000 };
  return group === 'peers' ? { before: 10_000, counted: PEER_CALLS } : { before: 10_000, counted: 100_000 };
}

function callOften(candidate: Candidate, wish: Wish, { before, counted }: Calls): Promise<Figures> {
  return withCandidate(candidate, wish, async (started) => {
    const { port } = started.running;
    const clients = await withConnections(port, 64, (connections) => clientsOf(started, connections));
    const step: Operation = inTurn(clients, (client, connection) => client.call(connection));
    const calls = (count: number): Promise<number> =>
      withConnections(port, 16, async (connections) => {
        const { cpu } = await costOf(started, () => countedLoop(connections, count, step));
        return cpu;
      });
    const first = await calls(SAMPLE);
    await calls(before - SAMPLE);
    const memory = await started.running.ask<Memory>('memory');
    await calls(counted - SAMPLE);
    const last = await calls(SAMPLE);
    const { heapUsed } = await started.running.ask<Memory>('memory');
    return { growth: (heapUsed - memory.heapUsed) / counted, first, last, calls: counted };
  });
}
