import { parseArgs } from 'node:util';
import { candidateOf } from './candidates/catalogue.js';
import type { Plan } from './workloads/plan.js';

/** What the command was asked for. */
export interface BenchOptions extends Plan {
  /** Letters of the workloads. Default: all. */
  readonly workloads?: ReadonlySet<string> | undefined;
  readonly write: boolean;
}

/**
 * Reads the command's arguments.
 *
 * @throws Error for what is unknown, and for what would write something else than a whole run
 */
export function readOptions(given: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: given.filter((one) => one !== '--'),
    options: {
      quick: { type: 'boolean', default: false },
      workload: { type: 'string' },
      candidate: { type: 'string' },
      rounds: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error('--rounds takes a whole number above 0.');
  }
  if (values.write && (values.quick || values.candidate !== undefined)) {
    throw new Error('--write keeps whole workloads: it goes with neither --quick nor --candidate.');
  }
  const candidates = listed(values.candidate);
  candidates?.forEach(candidateOf);
  return {
    quick: values.quick,
    workloads: listed(values.workload),
    only: candidates,
    rounds,
    write: values.write,
  };
}

function listed(text: string | undefined): ReadonlySet<string> | undefined {
  return text === undefined ? undefined : new Set(text.split(',').map((one) => one.trim()));
}
