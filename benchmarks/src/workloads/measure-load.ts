import type { Candidate } from '../candidates/catalogue.js';
import type { BenchClient } from '../load/clients.js';
import { closedLoop, countedLoop, loopUntil, type Loop, type Operation } from '../load/closed-loop.js';
import type { Connection } from '../load/connection.js';
import { percentile } from '../load/statistics.js';
import { clientsOf, withCandidate, type Started, type Wish } from './clients-of.js';
import { withConnections } from './with-connections.js';
import type { Figures } from './workload.js';

/** How long the parts of a measurement take, in seconds. */
export interface Durations {
  /** At least; see {@link warmUp}. */
  readonly warmUp: number;
  readonly measured: number;
}

/** How many operations make a second of warm-up; a machine that does fewer of them warms up for longer. */
const WARM_PER_SECOND = 4000;
const MOST_WARM_UP = 3;

/** What one number of connections has shown. */
export interface LoadFigures {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of the server's CPU per operation. */
  readonly cpu: number;
}

/** Does an operation with as many connections for a while, and counts what it has cost the server. */
export function measure(
  started: Started,
  connections: readonly Connection[],
  seconds: number,
  operation: Operation,
): Promise<LoadFigures> {
  return costOf(started, () => closedLoop(connections, seconds, operation));
}

/**
 * Does an operation until the server's code is compiled: for a time, and for as many operations as a fast server does in it. A
 * slow one gets up to three times as long.
 */
export async function warmUp(
  connections: readonly Connection[],
  seconds: number,
  operation: Operation,
): Promise<void> {
  const { operations } = await closedLoop(connections, seconds, operation);
  const missing = seconds * WARM_PER_SECOND - operations;
  if (missing <= 0) return;
  await loopUntil(connections, { seconds: (MOST_WARM_UP - 1) * seconds, operations: missing }, operation);
}

/** What a loop has cost the server. */
export async function costOf({ running }: Started, work: () => Promise<Loop>): Promise<LoadFigures> {
  const before = await running.cpu();
  const { operations, seconds, latencies } = await work();
  const cpu = ((await running.cpu()) - before) / operations;
  return {
    perSecond: operations / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpu,
  };
}

/** What is done with a candidate. */
export interface LoadOptions<Count extends number> {
  readonly wish: Wish;
  readonly durations: Durations;
  /** Numbers of connections. */
  readonly counts: readonly Count[];
  readonly operation: (client: BenchClient, connection: Connection) => Promise<void>;
}

/** What clients of many tenants do with a candidate, at several numbers of connections. */
export async function measureLoad<Count extends number>(
  candidate: Candidate,
  { wish, durations, counts, operation }: LoadOptions<Count>,
): Promise<Record<Count, LoadFigures>> {
  return withCandidate(candidate, wish, async (started) => {
    const { port } = started.running;
    // More than are measured with: some peers take a second for each session.
    const clients = await withConnections(port, 64, (connections) => clientsOf(started, connections));
    const step = inTurn(clients, operation);
    await withConnections(port, 16, async (connections) => {
      // What is made once for each client, such as a list that is remembered, is not what is measured.
      await countedLoop(connections, clients.length, step);
      await warmUp(connections, durations.warmUp, step);
    });
    const figures = {} as Record<Count, LoadFigures>;
    for (const count of counts) {
      figures[count] = await withConnections(port, count, (connections) =>
        measure(started, connections, durations.measured, step),
      );
    }
    return figures;
  });
}

/** Lets clients do something one after the other, whichever connection is free. */
export function inTurn(
  clients: readonly BenchClient[],
  operation: (client: BenchClient, connection: Connection) => Promise<void>,
): Operation {
  return (connection, index) => {
    const client = clients[index % clients.length];
    return client === undefined
      ? Promise.reject(new Error('There are no clients.'))
      : operation(client, connection);
  };
}

/** The figures of numbers of connections under names such as `16.cpu`. */
export function flat(figures: Readonly<Record<number, LoadFigures>>): Figures {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([count, one]) =>
      Object.entries(one).map(([name, value]) => [`${count}.${name}`, value as number]),
    ),
  );
}
