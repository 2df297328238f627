import {
  createTessera,
  generateToken,
  type ServerFactory,
  type SessionOptions,
  type StatelessOptions,
  type Tessera,
} from '../../packages/core/src/index.js';
import type { SdkLine } from '../sdks/releases.js';
import type { Census } from './census.js';
import type { FakeTime } from './fake-time.js';
import { smallServerOf, type HeldCall, type SmallServer } from './servers.js';

/** A tessera with a tenant for each line of the SDK, whose servers are counted. */
export interface Rig {
  readonly tessera: Tessera;
  /** A token of each tenant. */
  readonly tokens: Readonly<Record<SdkLine, string>>;
  /** What makes the servers of those tenants. */
  readonly factories: Readonly<Record<SdkLine, ServerFactory>>;
  /** Calls that wait, the oldest first. */
  readonly held: HeldCall[];
  /** Timers that are still to run and that nobody else sees, because their time is not real. */
  readonly pendingTimers: number;
}

/** What a rig is made with. */
export interface RigOptions {
  readonly census: Census;
  /** Default: real time. */
  readonly time?: FakeTime;
  readonly sessions?: SessionOptions;
  readonly stateless?: StatelessOptions;
}

/** Every tenth cycle uses a server of version 1, which costs three times as much to build. */
export function lineOf(cycle: number): SdkLine {
  return cycle % 10 === 9 ? 'v1' : 'v2';
}

/** No cap is to be in the way. */
const WIDE = 1_000_000_000;

const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Makes a rig. */
export async function makeRig({ census, time, sessions = {}, stateless = {} }: RigOptions): Promise<Rig> {
  const held: HeldCall[] = [];
  const tokens = { v1: generateToken(), v2: generateToken() };
  const tessera = createTessera({
    logger: SILENT,
    sessions,
    stateless,
    ...(time === undefined ? {} : { timers: time, clock: time }),
    limits: {
      sessions: WIDE,
      initializeBurst: WIDE,
      initializePerSecond: WIDE,
      calls: WIDE,
      streams: WIDE,
      listens: WIDE,
      totalSessions: WIDE,
    },
  });
  const factories = {
    v1: counted(census, await smallServerOf('v1'), held),
    v2: counted(census, await smallServerOf('v2'), held),
  };
  for (const line of ['v1', 'v2'] as const) {
    tessera.addTenant({ id: line, tokens: [tokens[line]], server: factories[line] });
  }
  return {
    tessera,
    tokens,
    factories,
    held,
    get pendingTimers() {
      return time?.pending ?? 0;
    },
  };
}

function counted(census: Census, make: SmallServer, held: HeldCall[]): ServerFactory {
  return () => {
    const server = make(held);
    census.add(server);
    return server;
  };
}
