import type { Candidate } from '../candidates/catalogue.js';
import { limitsLine } from '../candidates/limits.js';
import type { Memory } from '../candidates/running.js';
import { benchTenants } from '../candidates/tenants.js';
import type { BenchTenant } from '../load/clients.js';
import { countedLoop } from '../load/closed-loop.js';
import { clientsOf, endAll, limitsOf, withCandidate, type Started, type Wish } from './clients-of.js';
import { costOf, inTurn } from './measure-load.js';
import { roundsOf, type Plan } from './plan.js';
import { withConnections } from './with-connections.js';
import { entryOf, type Figures, type Workload } from './workload.js';

const NAME = 'tenant-with-many-tokens';
const TOKENS = 100_000;
const LOOK_UPS = 200_000;
const CALLS = 8000;
/** With so many tokens there are calls, before the many were added and after. */
const CALLING = 1000;

const CANDIDATE: Candidate = {
  name: '100,000 tokens',
  group: 'ours',
  file: 'tokens',
  era: 'session',
  sdk: 'v2',
  sessions: true,
  named: true,
};

/** (i) A hundred thousand tokens of one tenant. */
export function tokens(plan: Plan): Workload {
  const wish: Wish = {
    tenants: benchTenants(1).map(({ token }) => ({ token, name: NAME })),
    sessions: 2 * CALLING,
  };
  return {
    letter: 'i',
    title: 'A hundred thousand tokens',
    about:
      `Heap and buffers that ${TOKENS.toLocaleString('en')} tokens of one tenant take when they are added one by one; ${LOOK_UPS.toLocaleString('en')} single look-ups by \`hasToken()\`, half of them of tokens that are not there; ` +
      `and calls over HTTP with ${CALLING.toLocaleString('en')} of them in turn, as a multiple of calls when there were only so many.`,
    limits: limitsLine(limitsOf(wish)),
    rounds: roundsOf(plan, { full: 3, quick: 1 }),
    columns: [
      { heading: 'memory MB', figures: ['memory'], as: 'value', digits: 1 },
      { heading: 'adding one, µs', figures: ['adding'], as: 'value', digits: 1 },
      { heading: 'look-up p50 µs', figures: ['p50'], as: 'value', digits: 2 },
      { heading: 'look-up p99 µs', figures: ['p99'], as: 'value', digits: 2 },
      { heading: 'a call, × with few', figures: ['calls'], as: 'value', digits: 2 },
    ],
    entries: [entryOf(CANDIDATE, () => withCandidate(CANDIDATE, wish, addAndLookUp))],
  };
}

async function addAndLookUp(started: Started): Promise<Figures> {
  const { running } = started;
  const all = benchTenants(TOKENS + CALLING + 1)
    .slice(1)
    .map(({ token }) => ({ token, name: NAME }));
  const calling = all.slice(0, CALLING);
  const texts = all.map(({ token }) => token);
  await running.ask('register', texts.slice(0, CALLING));
  const few = await callWith(started, calling);
  const before = await running.ask<Memory>('memory');
  const taken = await running.ask<number>('register', texts.slice(CALLING));
  const after = await running.ask<Memory>('memory');
  const many = await callWith(started, everyNth(all.slice(CALLING), TOKENS / CALLING));
  const unknown = texts.slice(0, LOOK_UPS / 2).map((token) => `${token}x`);
  const { p50, p99, found } = await running.ask<{ p50: number; p99: number; found: number }>('lookUp', {
    known: texts.slice(0, LOOK_UPS / 2),
    unknown,
    times: LOOK_UPS,
  });
  if (found !== LOOK_UPS / 2)
    throw new Error(`${String(found)} of ${String(LOOK_UPS / 2)} tokens were found.`);
  return {
    memory: (after.heapUsed + after.external - before.heapUsed - before.external) / 1e6,
    adding: (taken * 1000) / TOKENS,
    p50: p50 / 1000,
    p99: p99 / 1000,
    calls: many / few,
  };
}

async function callWith(started: Started, callers: readonly BenchTenant[]): Promise<number> {
  const { port } = started.running;
  const clients = await withConnections(port, 16, (connections) =>
    clientsOf({ ...started, tenants: callers }, connections),
  );
  const cpu = await withConnections(port, 16, async (connections) => {
    const step = inTurn(clients, (client, free) => client.call(free));
    await countedLoop(connections, CALLS, step);
    return (await costOf(started, () => countedLoop(connections, CALLS, step))).cpu;
  });
  await endAll(started, clients);
  return cpu;
}

function everyNth<Item>(items: readonly Item[], step: number): Item[] {
  return items.filter((_, index) => index % step === 0);
}
