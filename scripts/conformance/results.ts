import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the suite has found out in one scenario. */
export interface Scenario {
  /** What it complains about; empty when it has passed. */
  readonly complaints: readonly string[];
  /** Ids of the scenario's own checks that succeeded. */
  readonly succeeded: readonly string[];
  /** What it says of checks that could neither succeed nor fail. */
  readonly remarks: readonly string[];
}

/** One check, as the suite writes it down. */
interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description: string;
  readonly errorMessage?: string;
  readonly details?: { readonly message?: unknown };
}

/** Succeeds also where a server has sent no message at all. */
const IN_EVERY_SCENARIO = 'wire-schema-valid';

/** Reads the folders that the suite leaves behind, one for each scenario it has run. */
export async function readScenarios(folder: string): Promise<ReadonlyMap<string, Scenario>> {
  const scenarios = new Map<string, Scenario>();
  for (const name of await readdir(folder)) {
    const [, scenario] = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name) ?? [];
    const file = join(folder, name, 'checks.json');
    // It is written when the scenario is over.
    if (scenario === undefined || !existsSync(file)) continue;
    scenarios.set(scenario, scenarioOf(JSON.parse(await readFile(file, 'utf8')) as Check[]));
  }
  return scenarios;
}

/** The suite lets servers pass with warnings; here they do not. */
function scenarioOf(checks: readonly Check[]): Scenario {
  const withStatus = (...wanted: Check['status'][]): Check[] =>
    checks.filter(({ status }) => wanted.includes(status));
  return {
    complaints: withStatus('FAILURE', 'WARNING').map(
      ({ id, description, errorMessage = description }) => `${id}: ${errorMessage}`,
    ),
    succeeded: withStatus('SUCCESS')
      .map(({ id }) => id)
      .filter((id) => id !== IN_EVERY_SCENARIO),
    remarks: withStatus('INFO', 'SKIPPED')
      .filter(({ details }) => details?.message !== undefined)
      .map(({ id, details }) => `${id}: ${String(details?.message)}`),
  };
}
