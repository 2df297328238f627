import { Connection } from './connection.js';
import { spin } from './spin.js';

/** What a closed loop has done. */
export interface Loop {
  readonly operations: number;
  readonly seconds: number;
  /** Milliseconds of each operation, sorted. */
  readonly latencies: Float64Array;
}

/** Something that is done with a connection; the index counts what was begun so far. */
export type Operation = (connection: Connection, index: number) => Promise<void>;

const MOST_LATENCIES = 400_000;

/**
 * Keeps connections busy for a while: each does one operation after the other, with no pause between them. The first that fails
 * ends it all.
 */
export function closedLoop(
  connections: readonly Connection[],
  seconds: number,
  operation: Operation,
): Promise<Loop> {
  return loopUntil(connections, { seconds, operations: Infinity }, operation);
}

/** The same for a number of operations, however long they take. */
export function countedLoop(
  connections: readonly Connection[],
  operations: number,
  operation: Operation,
): Promise<Loop> {
  return loopUntil(connections, { seconds: Infinity, operations }, operation);
}

/** Opens connections, each of which is to be closed by whoever has asked for it. */
export async function openConnections(port: number, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => Connection.open(port)));
}

/** The same until a time is over or a number of operations is done. */
export async function loopUntil(
  connections: readonly Connection[],
  end: { readonly seconds: number; readonly operations: number },
  operation: Operation,
): Promise<Loop> {
  const latencies = new Float64Array(Math.min(end.operations, MOST_LATENCIES));
  let begun = 0;
  let done = 0;
  const startedAt = performance.now();
  const until = startedAt + end.seconds * 1000;
  let now = startedAt;
  const work = async (connection: Connection): Promise<void> => {
    while (now < until && begun < end.operations) {
      const before = performance.now();
      begun += 1;
      await operation(connection, begun - 1);
      now = performance.now();
      if (done < latencies.length) latencies[done] = now - before;
      done += 1;
    }
  };
  const stopSpinning = spin();
  await Promise.all(connections.map(work)).finally(stopSpinning);
  const measured = latencies.subarray(0, Math.min(done, latencies.length)).slice().sort();
  return { operations: done, seconds: (performance.now() - startedAt) / 1000, latencies: measured };
}
