import { limitsAbove, type BenchLimits } from '../candidates/limits.js';
import { fileOf, type Candidate } from '../candidates/catalogue.js';
import { Running, type CandidateSettings } from '../candidates/running.js';
import { benchTenants } from '../candidates/tenants.js';
import { BenchClient, type BenchTenant, type Speech } from '../load/clients.js';
import type { Connection } from '../load/connection.js';
import { onConnections } from './with-connections.js';

/** What a workload wants of a candidate. */
export interface Wish {
  /** How many, or which. @default 256 */
  readonly tenants?: number | readonly BenchTenant[];
  /** @default 'echo' */
  readonly tools?: CandidateSettings['tools'];
  /** How many sessions there will be at once. @default 1024 */
  readonly sessions?: number;
  /** Whether caps stay as they are by default; else they are above all that will happen. @default false */
  readonly defaultCaps?: boolean;
  /** Settings that only some candidates know. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly nodeOptions?: readonly string[];
  /** Seconds after which a candidate that does not come to an end is ended. @default 300 */
  readonly patience?: number;
}

/** A candidate that runs, and how it is spoken to. */
export interface Started {
  readonly running: Running;
  readonly tenants: readonly BenchTenant[];
  readonly speech: Speech;
}

/** The caps that are set for a wish; undefined where they stay as they are. */
export function limitsOf({ tenants = 256, sessions = 1024, defaultCaps }: Wish): BenchLimits | undefined {
  if (defaultCaps === true) return undefined;
  const count = typeof tenants === 'number' ? tenants : tenants.length;
  return limitsAbove({ tenants: count, sessions, concurrency: 256 });
}

/**
 * Starts a candidate, does something with it, and stops it whatever happens.
 *
 * @throws Error with what the candidate has written to its standard error
 */
export async function withCandidate<Value>(
  candidate: Candidate,
  wish: Wish,
  use: (started: Started) => Promise<Value>,
): Promise<Value> {
  const { era, sessions, named, sdk, mode } = candidate;
  const wished = wish.tenants ?? 256;
  const tenants = typeof wished === 'number' ? benchTenants(wished) : wished;
  const settings: CandidateSettings = {
    tenants,
    tools: wish.tools ?? 'echo',
    sdk,
    mode,
    sessions: wish.sessions ?? 1024,
    limits: limitsOf(wish),
    ...wish.more,
  };
  const running = await Running.start(fileOf(candidate), settings, wish.nodeOptions);
  // What waits for an answer hears of it, because its connections are closed.
  const watchdog = setTimeout(() => void running.stop(), (wish.patience ?? 300) * 1000);
  try {
    return await use({ running, tenants, speech: { path: running.path, era, sessions, named } });
  } catch (thrown) {
    throw running.said === '' ? thrown : new Error(`${String(thrown)}; it said: ${running.said}`);
  } finally {
    clearTimeout(watchdog);
    await running.stop();
  }
}

/** One client for each tenant. */
export async function clientsOf(
  { tenants, speech }: Started,
  connections: readonly Connection[],
): Promise<BenchClient[]> {
  const clients: BenchClient[] = [];
  const waiting = [...tenants];
  await Promise.all(
    connections.map(async (connection) => {
      for (let tenant = waiting.pop(); tenant !== undefined; tenant = waiting.pop()) {
        clients.push(await BenchClient.open(connection, tenant, speech));
      }
    }),
  );
  return clients;
}

/** Ends the sessions of clients. */
export async function endAll({ running }: Started, clients: readonly BenchClient[]): Promise<void> {
  await onConnections(
    running.port,
    { times: clients.length, connections: 250 },
    async (connection, index) => {
      await clients[index]?.end(connection);
    },
  );
}
