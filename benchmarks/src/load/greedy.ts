/* A process of its own for the greedy tenant's load, so that it does not disturb who measures the quiet one. */
import { BenchClient, type BenchTenant, type Speech } from './clients.js';
import { openConnections } from './closed-loop.js';
import { openLoop } from './open-loop.js';

/** What the process is told. */
export interface GreedyTask {
  readonly port: number;
  readonly tenant: BenchTenant;
  readonly speech: Speech;
  readonly connections: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** What it says: that it begins, and at the end what has become of its calls. */
export type GreedyReport =
  | { readonly kind: 'begun' }
  | { readonly kind: 'done'; readonly accepted: number; readonly refused: number; readonly missed: number }
  | { readonly kind: 'failed'; readonly message: string };

const CLIENTS = 8;

/** It gives way to whoever measures, for milliseconds at a time. To make up for those in one go would be another load. */
const MOST_LATE_MS = 2;

process.once('message', (task: GreedyTask) => {
  void work(task).catch((thrown: unknown) => {
    report({ kind: 'failed', message: String(thrown) });
  });
});
process.once('disconnect', () => process.exit(0));

async function work({ port, tenant, speech, connections, perSecond, seconds }: GreedyTask): Promise<void> {
  const [connection] = await openConnections(port, 1);
  if (connection === undefined) throw new Error('There is no connection.');
  const clients: BenchClient[] = [];
  while (clients.length < CLIENTS) clients.push(await BenchClient.open(connection, tenant, speech));
  connection.close();
  let accepted = 0;
  let refused = 0;
  report({ kind: 'begun' });
  const { missed } = await openLoop({
    port,
    connections,
    perSecond,
    seconds,
    mostLateMs: MOST_LATE_MS,
    evenly: true,
    operation: async (free, index) => {
      if ((await clients[index % CLIENTS]?.tryCall(free)) === true) accepted += 1;
      else refused += 1;
    },
  });
  report({ kind: 'done', accepted, refused, missed });
}

function report(message: GreedyReport): void {
  process.send?.(message);
}
