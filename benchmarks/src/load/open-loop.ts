import { openConnections } from './closed-loop.js';
import type { Connection } from './connection.js';

/** What an open loop is to do. */
export interface OpenLoopOptions {
  readonly port: number;
  /** At most so many operations at once. */
  readonly connections: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** What was not begun by then is not begun at all: a load that was held up is not to come in one burst. Milliseconds. */
  readonly mostLateMs: number;
  /** Whether it looks at the clock all the time, so that what is due is begun one by one, and not once in a millisecond. */
  readonly evenly?: boolean;
  readonly operation: (connection: Connection, index: number) => Promise<void>;
}

/** What it has done. */
export interface OpenLoop {
  readonly begun: number;
  /** Operations that were due when no connection was free, or when this process had no time. */
  readonly missed: number;
  /** Milliseconds of each operation from its sending on, sorted. */
  readonly latencies: Float64Array;
}

const TICK_MS = 1;

/**
 * Begins operations at a rate, whether or not those before have come to an end: what is slow is not asked less often. The first
 * that fails ends it all.
 */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoop> {
  const { port, perSecond, seconds, mostLateMs, evenly = false, operation } = options;
  const connections = await openConnections(port, options.connections);
  const free = [...connections];
  const latencies: number[] = [];
  const running = new Set<Promise<void>>();
  let failure: Error | undefined;
  let due = 0;
  let begun = 0;

  const begin = async (connection: Connection): Promise<void> => {
    const sentAt = performance.now();
    begun += 1;
    try {
      await operation(connection, begun - 1);
      latencies.push(performance.now() - sentAt);
      free.push(connection);
    } catch (thrown) {
      failure ??= thrown instanceof Error ? thrown : new Error(String(thrown));
    }
  };

  const startedAt = performance.now();
  for (
    let now = startedAt;
    now < startedAt + seconds * 1000 && !hasFailed(failure);
    now = performance.now()
  ) {
    const wanted = Math.floor(((now - startedAt) / 1000) * perSecond);
    due = Math.max(due, wanted - Math.ceil((mostLateMs / 1000) * perSecond));
    for (; due < wanted; due += 1) {
      // The one that was idle for longest, so that none is closed for being idle.
      const connection = free.shift();
      if (connection === undefined) continue;
      const operationRuns = begin(connection).finally(() => running.delete(operationRuns));
      running.add(operationRuns);
    }
    await (evenly ? nextTurn() : new Promise((resolve) => setTimeout(resolve, TICK_MS)));
  }
  await Promise.all(running);
  for (const connection of connections) connection.close();
  if (failure !== undefined) throw failure;
  return { begun, missed: due - begun, latencies: Float64Array.from(latencies).sort() };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function hasFailed(failure: Error | undefined): boolean {
  return failure !== undefined;
}
