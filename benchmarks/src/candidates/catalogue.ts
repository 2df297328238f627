import { join } from 'node:path';
import type { LoadEra } from '../load/requests.js';
import { BENCHMARKS } from './prepare.js';

/** Something that is measured: a process of its own. */
export interface Candidate {
  readonly name: string;
  readonly group: 'floors' | 'ours' | 'peers';
  /** The file in the group's folder, without its ending. */
  readonly file: string;
  readonly era: LoadEra;
  /** Which SDK its servers are written with. */
  readonly sdk?: 'v1' | 'v2';
  /** What tells candidates of one file apart. */
  readonly mode?: string;
  /** Whether its clients have sessions. */
  readonly sessions: boolean;
  /** Whether its servers are named after their tenants. */
  readonly named: boolean;
  /** What a reader of its figures should know. */
  readonly note?: string;
}

/** The floor that ratios are to. */
export const FLOOR = 'floor-http';

type Given = Pick<Candidate, 'name' | 'file'> & Partial<Candidate>;

const floor = (given: Given): Candidate => ({
  group: 'floors',
  era: 'session',
  sessions: true,
  named: false,
  ...given,
});

const ours = (given: Given): Candidate => ({
  group: 'ours',
  era: 'session',
  sessions: given.era !== 'stateless',
  named: true,
  ...given,
});

const peer = (given: Given): Candidate => ({
  group: 'peers',
  era: 'session',
  sessions: given.era !== 'stateless',
  named: true,
  ...given,
});

const ADAPTERS = [
  { name: 'node', file: 'node' },
  { name: 'fastify', file: 'fastify' },
  { name: 'express', file: 'express' },
  { name: 'hono', file: 'hono' },
  { name: 'hono-plain', file: 'hono', mode: 'plain' },
];

const SDKS = ['v1', 'v2'] as const;
const ERAS = ['session', 'stateless'] as const;

const KEEPS_CALLS =
  'It keeps something of each call for as long as its session lives; see the growth over many calls.';
const UNNAMED =
  'Its clients have no session and no `initialize`, so nothing in its answers says whose server gave them; only the echo was verified.';

const PEERS: readonly Candidate[] = [
  peer({
    name: 'v1-express-session-json',
    file: 'v1-express',
    mode: 'session-json',
    sdk: 'v1',
    note: KEEPS_CALLS,
  }),
  peer({ name: 'v1-express-session-sse', file: 'v1-express', mode: 'session-sse', sdk: 'v1' }),
  peer({
    name: 'v1-express-stateless-json',
    file: 'v1-express',
    mode: 'stateless-json',
    sdk: 'v1',
    sessions: false,
    note: UNNAMED,
  }),
  peer({ name: 'v1-hono-session-json', file: 'v1-hono', mode: 'session-json', sdk: 'v1', note: KEEPS_CALLS }),
  peer({ name: 'v2-node-session-json', file: 'v2-node-session', mode: 'session-json', sdk: 'v2' }),
  peer({
    name: 'fastmcp-session-json',
    file: 'fastmcp',
    mode: 'session-json',
    sdk: 'v1',
    named: false,
    note:
      'All tenants have one server and its name, and any good token can use any session: it does less than the others, and whose ' +
      'server has answered could not be verified.',
  }),
  peer({ name: 'hono-mcp-session-sse', file: 'hono-mcp', mode: 'session-sse', sdk: 'v1' }),
  peer({
    name: 'hono-mcp-session-json',
    file: 'hono-mcp',
    mode: 'session-json',
    sdk: 'v1',
    note: KEEPS_CALLS,
  }),
  peer({ name: 'fastify-mcp-session-sse', file: 'fastify-mcp', sdk: 'v1' }),
  peer({ name: 'v2-node-modern', file: 'v2-node-handler', era: 'stateless', sdk: 'v2' }),
  peer({ name: 'v2-node-legacy', file: 'v2-node-handler', sdk: 'v2', sessions: false, note: UNNAMED }),
  peer({ name: 'mcp-handler-modern', file: 'mcp-handler', era: 'stateless', sdk: 'v2' }),
  peer({ name: 'mcp-handler-legacy', file: 'mcp-handler', sdk: 'v2', sessions: false, note: UNNAMED }),
];

/** Every candidate; the names are those of the tables. */
export const CANDIDATES: readonly Candidate[] = [
  floor({ name: FLOOR, file: 'http' }),
  floor({ name: 'floor-fastify', file: 'fastify' }),
  floor({ name: 'floor-express', file: 'express', mode: 'parser' }),
  floor({ name: 'floor-express-router', file: 'express', mode: 'router' }),
  floor({ name: 'floor-hono', file: 'hono' }),
  floor({ name: 'floor-sdk-v1', file: 'sdk', sdk: 'v1' }),
  floor({ name: 'floor-sdk-v2', file: 'sdk', sdk: 'v2' }),
  floor({
    name: 'floor-sdk-v2-stateless',
    file: 'sdk',
    mode: 'stateless',
    era: 'stateless',
    sdk: 'v2',
    sessions: false,
  }),
  ...ERAS.flatMap((era) =>
    ADAPTERS.flatMap(({ name, ...adapter }) =>
      SDKS.map((sdk) => ours({ name: `tessera-${name}-${era}-${sdk}`, era, sdk, ...adapter })),
    ),
  ),
  ...PEERS,
];

/** The candidate with a name. */
export function candidateOf(name: string): Candidate {
  const found = CANDIDATES.find((candidate) => candidate.name === name);
  if (found === undefined) {
    throw new Error(
      `There is no candidate "${name}". There are: ${CANDIDATES.map((one) => one.name).join(', ')}.`,
    );
  }
  return found;
}

/** The path of the file that a candidate is. */
export function fileOf({ group, file }: Candidate): string {
  return join(BENCHMARKS, 'candidates', group, `${file}.mjs`);
}
