import { createTessera, generateToken, type TesseraOptions } from '../../packages/core/src/index.js';
import { ADAPTERS } from './adapters.js';
import { startBearerProxy } from './bearer-proxy.js';
import { factoryOf, type Cell } from './cells.js';
import type { Suite, SuiteRun } from './suite.js';

/** What came of a cell. */
export interface CellRun extends SuiteRun {
  /** How many requests were answered well, by the revision they named. */
  readonly spoken: ReadonlyMap<string, number>;
}

/** Starts a tessera with one tenant on the cell's adapter, runs the suite against it, and stops everything again. */
export async function runCell(cell: Cell, suite: Suite): Promise<CellRun> {
  const token = generateToken();
  const tessera = createTessera(optionsOf(cell));
  const started: { close(): Promise<void> }[] = [tessera];
  try {
    tessera.addTenant({ id: 'everything', server: factoryOf(cell), tokens: [token] });
    const served = await ADAPTERS[cell.adapter](tessera);
    started.unshift(served);
    const proxy = await startBearerProxy({ origin: served.origin, token });
    started.unshift(proxy);
    return { ...(await suite.run(`${proxy.origin}/mcp`)), spoken: proxy.spoken };
  } finally {
    await closeAll(started);
  }
}

/** Both eras are on in every cell, as they are by default. */
function optionsOf({ direct }: Cell): TesseraOptions {
  return direct === undefined ? {} : { stateless: { direct } };
}

/** Closes each, also when another one cannot be closed; then throws what went wrong first. */
async function closeAll(started: readonly { close(): Promise<void> }[]): Promise<void> {
  const failures: unknown[] = [];
  for (const one of started) {
    await one.close().catch((thrown: unknown) => {
      failures.push(thrown);
    });
  }
  if (failures.length > 0) throw failures[0];
}
