/*
 * Measures three workloads as multiples of the raw floor, and fails when one of them costs a quarter more than what is
 * committed in benchmarks/guard.json. Of three tries the lowest count, of the floor as well: what disturbs a measurement makes it
 * higher. What is too dear is measured once more. Installs nothing. `--write` keeps the highest of three measurements. The last line is `N passed, N failed`.
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
const KEPT_OF = 3;
const TOO_MUCH = 1.25;

const HUNDRED: Wish = { tools: 'hundred', tenants: 16 };

const GUARDED: readonly Guarded[] = [
  {
    name: 'session tools/call, SDK v1, Node',
    candidate: 'tessera-node-session-v1',
    wish: {},
    floorWish: {},
    operations: 8000,
    operation: (client, connection) => client.call(connection),
  },
  {
    name: 'stateless tools/call, SDK v2, Node',
    candidate: 'tessera-node-stateless-v2',
    wish: {},
    floorWish: {},
    operations: 8000,
    operation: (client, connection) => client.call(connection),
  },
  {
    name: "tools/list of 100 tools, lists: 'static', Node",
    candidate: 'tessera-node-session-v2',
    wish: { ...HUNDRED, more: { lists: 'static' } },
    floorWish: HUNDRED,
    operations: 2500,
    operation: (client, connection) => client.list(connection, 100),
  },
];

await packOurs(['core', 'node']);
pinLoad();

if (process.argv.includes('--write')) await keep();
const kept = JSON.parse(await readFile(KEPT, 'utf8')) as Readonly<Record<string, number>>;
const first = await measure(GUARDED);
const tooDear = GUARDED.filter((one) => ratioIn(first, one) > boundOf(one));
// A busy minute on a shared machine is no change of the code.
const again = await measure(tooDear);
let failed = 0;
for (const one of GUARDED) {
  const ratio = Math.min(ratioIn(first, one), again.get(one) ?? Infinity);
  const isFine = ratio <= boundOf(one);
  if (!isFine) failed += 1;
  const verdict = `${one.name}: ${ratio.toFixed(2)} × floor, at most ${boundOf(one).toFixed(2)}`;
  console.log(`${isFine ? 'ok    ' : 'FAILED'} ${verdict}`);
}
console.log(`${String(GUARDED.length - failed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** The lowest of three tries, over the lowest of the floor. */
async function measure(guarded: readonly Guarded[]): Promise<Map<Guarded, number>> {
  const tries = guarded.map((one) => ({ one, floors: [] as number[], candidates: [] as number[] }));
  for (let round = 0; round < TRIES; round += 1) {
    for (const { one, floors, candidates } of tries) {
      const { operations, operation } = one;
      const floor = await cpuOf(FLOOR, one.floorWish, { operations: 2 * operations, operation });
      const candidate = await cpuOf(one.candidate, one.wish, { operations, operation });
      floors.push(floor);
      candidates.push(candidate);
      console.log(`${one.name}: ${candidate.toFixed(1)} µs, floor ${floor.toFixed(1)} µs`);
    }
  }
  return new Map(
    tries.map(({ one, floors, candidates }) => [one, Math.min(...candidates) / Math.min(...floors)]),
  );
}

function ratioIn(measured: ReadonlyMap<Guarded, number>, one: Guarded): number {
  return measured.get(one) ?? Infinity;
}

function boundOf({ name }: Guarded): number {
  return (kept[name] ?? NaN) * TOO_MUCH;
}

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

/** Keeps the highest of a few measurements: what it is on this machine when somebody else is busy, too. */
async function keep(): Promise<void> {
  const measurements: Map<Guarded, number>[] = [];
  for (let count = 0; count < KEPT_OF; count += 1) measurements.push(await measure(GUARDED));
  const highest = GUARDED.map((one) => {
    const ratio = Math.max(...measurements.map((measured) => ratioIn(measured, one)));
    return [one.name, Number(ratio.toFixed(2))];
  });
  await writeFile(KEPT, await format(JSON.stringify(Object.fromEntries(highest)), { parser: 'json' }));
}
