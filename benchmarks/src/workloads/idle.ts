import type { Candidate } from '../candidates/catalogue.js';
import { limitsLine } from '../candidates/limits.js';
import type { Memory, Running } from '../candidates/running.js';
import { BenchClient } from '../load/clients.js';
import { endAll, limitsOf, withCandidate, type Started, type Wish } from './clients-of.js';
import { chosen, isOursOnNode, roundsOf, type Plan } from './plan.js';
import { onConnections } from './with-connections.js';
import { entryOf, type Entry, type Figures, type Workload } from './workload.js';

const QUICK = ['tessera-node-session-v1', 'tessera-node-session-v2', 'v2-node-session-json'];
const TENANTS = 250;
const CONNECTIONS = 250;
const PARK_AFTER_MS = 1000;
const MOST_WAITING_MS = 120_000;

/** (c) What sessions take that nobody uses, and what is left of them once they were ended. */
export function idle(plan: Plan): Workload {
  const counts = plan.quick ? [1000] : [1000, 5000, 10_000];
  const wish: Wish = { tenants: TENANTS, sessions: Math.max(...counts), patience: 900 };
  const candidates = chosen(plan, {
    able: ({ sessions, file }) => sessions && file !== 'sdk',
    full: (candidate) => isOursOnNode(candidate) || candidate.group === 'peers',
    quick: QUICK,
  });
  return {
    letter: 'c',
    title: 'Idle sessions',
    about:
      `Sessions of ${String(TENANTS)} tenants, whose servers have one tool: heap after garbage collection for each session, over what was there before, and what is left after all were ended by DELETE. ` +
      'No connection is open while it is measured. `, parked`: tenants have `parkAfterMs`, and all sessions were parked.',
    limits: limitsLine(limitsOf(wish)),
    rounds: roundsOf(plan, { full: 1, quick: 1 }),
    columns: [
      ...counts.map((count) => ({
        heading: `KiB a session, ${count.toLocaleString('en')}`,
        figures: [`heap${String(count)}`],
        as: 'value' as const,
        digits: 1,
        compared: count === counts.at(-1),
      })),
      { heading: 'RSS MiB before / at most', figures: ['rssBefore', 'rssMost'], as: 'value' },
      { heading: 'heap left MiB', figures: ['heapLeft'], as: 'value', digits: 1 },
      { heading: 'sessions left', figures: ['sessionsLeft'], as: 'value' },
    ],
    entries: candidates.flatMap((candidate): Entry[] => [
      entryOf(candidate, () => withCandidate(candidate, wish, (started) => fill(started, counts))),
      ...(isOursOnNode(candidate) && !(plan.quick && candidate.sdk === 'v1')
        ? [parking(candidate, wish, counts)]
        : []),
    ]),
  };
}

function parking(candidate: Candidate, wish: Wish, counts: readonly number[]): Entry {
  const parked: Wish = { ...wish, more: { parkAfterMs: PARK_AFTER_MS } };
  const entry = entryOf(candidate, () =>
    withCandidate(candidate, parked, (started) => fill(started, counts, untilParked)),
  );
  return { ...entry, name: `${candidate.name}, parked` };
}

async function fill(
  started: Started,
  counts: readonly number[],
  settle?: (running: Running, count: number) => Promise<void>,
): Promise<Figures> {
  const { running } = started;
  // Code that is compiled and made at the first session is not a session's.
  await endAll(started, await open(started, TENANTS));
  const before = await running.ask<Memory>('memory');
  const figures: Record<string, number> = { rssBefore: mebibytes(before.rss) };
  const clients: BenchClient[] = [];
  for (const count of counts) {
    clients.push(...(await open(started, count - clients.length)));
    await settle?.(running, count);
    const memory = await running.ask<Memory>('memory');
    const each = (memory.heapUsed - before.heapUsed) / count / 1024;
    figures[`heap${String(count)}`] = each;
    figures['heapMost'] = each;
    figures['rssMost'] = mebibytes(memory.rss);
  }
  if (settle !== undefined) await callSome(started, clients);
  await endAll(started, clients);
  const after = await running.ask<Memory>('memory');
  const left = await running.ask<number | null>('sessions');
  figures['heapLeft'] = mebibytes(after.heapUsed - before.heapUsed);
  return left === null ? figures : { ...figures, sessionsLeft: left };
}

function open({ running, tenants, speech }: Started, times: number): Promise<BenchClient[]> {
  return onConnections(running.port, { times, connections: CONNECTIONS }, (connection, index) => {
    const tenant = tenants[index % tenants.length];
    if (tenant === undefined) throw new Error('There are no tenants.');
    return BenchClient.open(connection, tenant, speech);
  });
}

/** A session that was parked has to work when it is used again. */
async function callSome({ running }: Started, clients: readonly BenchClient[]): Promise<void> {
  const some = { times: Math.min(TENANTS, clients.length), connections: CONNECTIONS };
  await onConnections(running.port, some, async (connection, index) => {
    await clients[index]?.call(connection);
  });
}

async function untilParked(running: Running, count: number): Promise<void> {
  const until = performance.now() + MOST_WAITING_MS;
  for (;;) {
    const { parkedSessions } = await running.ask<{ parkedSessions: number }>('stats');
    if (parkedSessions === count) return;
    if (performance.now() > until) {
      throw new Error(`Of ${String(count)} sessions ${String(parkedSessions)} were parked.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function mebibytes(bytes: number): number {
  return bytes / 2 ** 20;
}
