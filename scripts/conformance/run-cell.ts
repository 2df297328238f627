import { createTessera, generateToken } from '../../packages/core/src/index.js';
import { ADAPTERS } from './adapters.js';
import { startBearerProxy } from './bearer-proxy.js';
import { FACTORIES, type Cell } from './cells.js';
import type { Suite, SuiteRun } from './suite.js';

/** Starts a tessera with one tenant on the cell's adapter, runs the suite against it, and stops everything again. */
export async function runCell({ sdk, adapter }: Cell, suite: Suite): Promise<SuiteRun> {
  const token = generateToken();
  const tessera = createTessera();
  const started: { close(): Promise<void> }[] = [tessera];
  try {
    tessera.addTenant({ id: 'everything', server: FACTORIES[sdk], tokens: [token] });
    const served = await ADAPTERS[adapter](tessera);
    started.unshift(served);
    const proxy = await startBearerProxy({ origin: served.origin, token });
    started.unshift(proxy);
    return await suite.run(`${proxy.origin}/mcp`);
  } finally {
    await closeAll(started);
  }
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
