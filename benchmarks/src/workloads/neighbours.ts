import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Candidate } from '../candidates/catalogue.js';
import { givingWay } from '../candidates/cpus.js';
import { benchTenants } from '../candidates/tenants.js';
import { BenchClient } from '../load/clients.js';
import type { GreedyReport, GreedyTask } from '../load/greedy.js';
import { openLoop } from '../load/open-loop.js';
import { percentile } from '../load/statistics.js';
import { withCandidate, type Started, type Wish } from './clients-of.js';
import { inTurn, warmUp } from './measure-load.js';
import { chosen, roundsOf, type Plan } from './plan.js';
import { onConnections, withConnections } from './with-connections.js';
import { entryOf, type Figures, type Workload } from './workload.js';

const GREEDY = fileURLToPath(new URL('../load/greedy.ts', import.meta.url));

const OURS = ['tessera-node-session-v2'];
/** For contrast: it has no caps. */
const WITH_PEER = [...OURS, 'v2-node-session-json'];

/**
 * Calls in flight that a tenant may have by default, and what its slow tool takes. With a fast one, 20 times the cap would be more than a
 * CPU can refuse, and what is asked here is whether caps protect a tenant, not what becomes of it when the CPU runs out.
 */
const CAP = 32;
const SLOW_MS = 500;
const TIMES_ITS_CAP = 20;
const GREEDY_PER_SECOND = (TIMES_ITS_CAP * CAP * 1000) / SLOW_MS;
const GREEDY_CONNECTIONS = 800;
const GREEDY_LEAD_MS = 2000;

const QUIET_CLIENTS = 4;
const QUIET_EACH_MS = 10;
const QUIET_CONNECTIONS = 256;
const QUIET_MOST_LATE_MS = 20;

/** (j) A quiet tenant beside one that wants too much. */
export function neighbours(plan: Plan): Workload {
  const [quiet] = benchTenants(1);
  const [, greedy] = benchTenants(2);
  // What this tenant says begins with `slow`, and for that the tool takes its time.
  const tenants = [quiet, greedy && { ...greedy, name: 'slow-tenant' }].filter((one) => one !== undefined);
  const wish: Wish = { tenants, tools: 'slow', defaultCaps: true };
  const seconds = plan.quick ? 4 : 10;
  const candidates = chosen(plan, {
    able: ({ name }) => WITH_PEER.includes(name),
    quick: OURS,
  }).filter(({ group }) => group !== 'floors');
  return {
    letter: 'j',
    title: 'A quiet tenant beside a greedy one',
    about:
      `Caps are the defaults. The quiet tenant has ${String(QUIET_CLIENTS)} clients, each of which makes a call every ${String(QUIET_EACH_MS)} ms, whatever has become of those before. ` +
      `The greedy one offers ${GREEDY_PER_SECOND.toLocaleString('en')} calls a second of a tool that takes ${String(SLOW_MS)} ms, over ${String(GREEDY_CONNECTIONS)} connections: ${String(TIMES_ITS_CAP)} times what its cap of ${String(CAP)} lets through. ` +
      'Its load comes from a process of its own that gives way to the one that measures (SCHED_IDLE) on the same CPU. A call is accepted, refused with 429, or an error; `not sent` and `missed` were due when none of the connections was free, or when the load had not had the CPU for 20 ms, the greedy one for 2 ms: it offers its calls one by one, and does not make up in bursts for when it had to give way. `server busy`: CPU time of the server in that time.',
    rounds: roundsOf(plan, { full: 3, quick: 1 }),
    columns: [
      { heading: 'p99 × alone', figures: ['ratio'], as: 'value', digits: 2, range: true, compared: true },
      { heading: 'alone p50 / p99 ms', figures: ['aloneP50', 'aloneP99'], as: 'value', digits: 2 },
      { heading: 'beside p50 / p99 ms', figures: ['besideP50', 'besideP99'], as: 'value', digits: 2 },
      { heading: 'errors', figures: ['errors'], as: 'value' },
      { heading: 'not sent', figures: ['unsent'], as: 'value' },
      { heading: 'server busy %', figures: ['busy'], as: 'value' },
      { heading: 'greedy accepted/s', figures: ['accepted'], as: 'value' },
      { heading: 'refused/s', figures: ['refused'], as: 'value' },
      { heading: 'missed/s', figures: ['missed'], as: 'value' },
    ],
    entries: candidates.map((candidate) => entryOf(candidate, () => beside(candidate, wish, seconds))),
  };
}

function beside(candidate: Candidate, wish: Wish, seconds: number): Promise<Figures> {
  return withCandidate(candidate, wish, async (started) => {
    const { running, tenants, speech } = started;
    const [quiet, greedy] = tenants;
    if (quiet === undefined || greedy === undefined) throw new Error('There are no two tenants.');
    const { port } = running;
    const clients = await onConnections(port, { times: QUIET_CLIENTS, connections: 1 }, (connection) =>
      BenchClient.open(connection, quiet, speech),
    );
    await withConnections(port, 16, (connections) =>
      warmUp(
        connections,
        1,
        inTurn(clients, (client, connection) => client.call(connection)),
      ),
    );
    const alone = await askQuietly(started, clients, seconds);
    const task = { port, tenant: greedy, speech, connections: GREEDY_CONNECTIONS };
    const load = await startGreedy({
      ...task,
      perSecond: GREEDY_PER_SECOND,
      seconds: seconds + GREEDY_LEAD_MS / 1000 + 1,
    });
    try {
      await new Promise((resolve) => setTimeout(resolve, GREEDY_LEAD_MS));
      const before = await running.cpu();
      const together = await askQuietly(started, clients, seconds);
      const busy = ((await running.cpu()) - before) / (seconds * 10_000);
      const { accepted, refused, missed } = await load.done;
      const during = seconds + GREEDY_LEAD_MS / 1000 + 1;
      return {
        aloneP50: alone.p50,
        aloneP99: alone.p99,
        besideP50: together.p50,
        besideP99: together.p99,
        ratio: together.p99 / alone.p99,
        errors: alone.errors + together.errors,
        unsent: alone.missed + together.missed,
        busy,
        accepted: accepted / during,
        refused: refused / during,
        missed: missed / during,
      };
    } finally {
      load.child.kill('SIGKILL');
    }
  });
}

/** What the quiet tenant's clients see. A refusal is an error, and so is whatever is no echo. */
async function askQuietly(
  { running }: Started,
  clients: readonly BenchClient[],
  seconds: number,
): Promise<{ p50: number; p99: number; errors: number; missed: number }> {
  let errors = 0;
  const call = inTurn(clients, (client, connection) => client.call(connection));
  const { latencies, missed } = await openLoop({
    port: running.port,
    connections: QUIET_CONNECTIONS,
    perSecond: (QUIET_CLIENTS * 1000) / QUIET_EACH_MS,
    seconds,
    mostLateMs: QUIET_MOST_LATE_MS,
    operation: (connection, index) =>
      call(connection, index).catch(() => {
        errors += 1;
      }),
  });
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), errors, missed };
}

type Done = Extract<GreedyReport, { kind: 'done' }>;

/** A greedy load that has begun. */
interface Greedy {
  readonly child: ChildProcess;
  readonly done: Promise<Done>;
}

async function startGreedy(task: GreedyTask): Promise<Greedy> {
  const [command = process.execPath, ...given] = givingWay([process.execPath, '--import', 'tsx', GREEDY]);
  const child = spawn(command, given, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const done = new Promise<Done>((resolve, reject) => {
    child.on('message', (report: GreedyReport) => {
      if (report.kind === 'done') resolve(report);
      if (report.kind === 'failed') reject(new Error(`The greedy load has failed: ${report.message}`));
    });
    child.once('exit', () => {
      reject(new Error('The greedy load has ended early.'));
    });
  });
  const begun = new Promise<void>((resolve) => {
    child.on('message', ({ kind }: GreedyReport) => {
      if (kind === 'begun') resolve();
    });
  });
  child.send(task);
  await Promise.race([begun, done]);
  // Nobody waits for it when what is beside it fails.
  done.catch(() => undefined);
  return { child, done };
}
