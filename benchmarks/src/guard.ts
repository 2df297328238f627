/*
 * Measures three workloads as multiples of the raw floor, and fails when one of them costs a quarter more than what is
 * committed in benchmarks/guard.json. Of three tries the lowest count, of the floor as well: what disturbs a measurement makes it
 * higher. Installs nothing. `--write` keeps what was measured. The last line is `N passed, N failed`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import { candidateOf, FLOOR } from './candidates/catalogue.js';
import { pinLoad } from './candidates/cpus.js';
import { BENCHMARKS, packOurs } from './candidates/prepare.js';
import type { BenchClient } from './load/clients.js';
import { countedLoop } from './load/closed-loop.js';
import type { Connection } from './load/connection.js';
import { clientsOf, withCandidate, type Wish } from './workloads/clients-of.js';
import { costOf, inTurn } from './workloads/measure-load.js';
import { withConnections } from './workloads/with-connections.js';

/** What is guarded. */
interface Guarded {
  readonly name: string;
  readonly candidate: string;
  readonly wish: Wish;
  readonly floorWish: Wish;
  /** How many operations are measured; as many come before to warm up. The floor does twice as many. */
  readonly operations: number;
  readonly operation: (client: BenchClient, connection: Connection) => Promise<void>;
}

const KEPT = join(BENCHMARKS, 'guard.json');
const TRIES = 3;
const TOO_MUCH = 1.25;

const HUNDRED: Wish = { tools: 'hundred', tenants: 16 };

const GUARDED: readonly Guarded[] = [
  {
    name: 'session tools/call, SDK v1, Node',
    candidate: 'tessera-node-session-v1',
    wish: {},
    floorWish: {},
    operations: 15_000,
    operation: (client, connection) => client.call(connection),
  },
  {
    name: 'stateless tools/call, SDK v2, Node',
    candidate: 'tessera-node-stateless-v2',
    wish: {},
    floorWish: {},
    operations: 15_000,
    operation: (client, connection) => client.call(connection),
  },
  {
    name: "tools/list of 100 tools, lists: 'static', Node",
    candidate: 'tessera-node-session-v2',
    wish: { ...HUNDRED, more: { lists: 'static' } },
    floorWish: HUNDRED,
    operations: 4000,
    operation: (client, connection) => client.list(connection, 100),
  },
];

await packOurs(['core', 'node']);
pinLoad();

const tries = new Map<Guarded, { floor: number[]; candidate: number[] }>(
  GUARDED.map((one) => [one, { floor: [], candidate: [] }]),
);
for (let round = 0; round < TRIES; round += 1) {
  for (const [one, { floor, candidate }] of tries) {
    const { operations, operation } = one;
    floor.push(await cpuOf(FLOOR, one.floorWish, { operations: 2 * operations, operation }));
    candidate.push(await cpuOf(one.candidate, one.wish, { operations, operation }));
    console.log(`${one.name}: ${shown(candidate.at(-1))} µs, floor ${shown(floor.at(-1))} µs`);
  }
}
const measured = [...tries].map(([{ name }, { floor, candidate }]) => ({
  name,
  ratio: Math.min(...candidate) / Math.min(...floor),
}));

if (process.argv.includes('--write')) await keep();
const kept = JSON.parse(await readFile(KEPT, 'utf8')) as Readonly<Record<string, number>>;
let failed = 0;
for (const { name, ratio } of measured) {
  const committed = kept[name] ?? NaN;
  const ok = ratio <= committed * TOO_MUCH;
  if (!ok) failed += 1;
  const bound = (committed * TOO_MUCH).toFixed(2);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}: ${ratio.toFixed(2)} × floor, at most ${bound}`);
}
console.log(`${String(measured.length - failed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function cpuOf(
  name: string,
  wish: Wish,
  { operations, operation }: Pick<Guarded, 'operations' | 'operation'>,
): Promise<number> {
  return withCandidate(candidateOf(name), wish, (started) =>
    withConnections(started.running.port, 16, async (connections) => {
      const step = inTurn(await clientsOf(started, connections), operation);
      await countedLoop(connections, operations, step);
      const { cpu } = await costOf(started, () => countedLoop(connections, operations, step));
      return cpu;
    }),
  );
}

async function keep(): Promise<void> {
  const rounded = measured.map(({ name, ratio }) => [name, Number(ratio.toFixed(2))]);
  await writeFile(KEPT, await format(JSON.stringify(Object.fromEntries(rounded)), { parser: 'json' }));
}

function shown(value: number | undefined): string {
  return (value ?? NaN).toFixed(1);
}
