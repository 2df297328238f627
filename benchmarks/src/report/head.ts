import type { Results } from './results.js';

/** What a reader has to know before any figure. */
export function headOf({ mode, date, machine, versions }: Omit<Results, 'workloads'>): string {
  const { node, cpu, cores, memoryGiB, system, pinned } = machine;
  return [
    `Node ${node} on ${cpu}, ${String(cores)} cores, ${String(memoryGiB)} GiB, ${system}; ${date}. ` +
      (pinned
        ? 'The server had CPU 0, the load CPU 1.'
        : '**Server and load were not kept apart**, so the figures say less.'),
    ...(mode === 'full'
      ? []
      : [
          'A quick run: few candidates, one or two rounds, a second of warm-up, and short measurements. It shows orders of magnitude; a whole run is `pnpm bench`.',
        ]),
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
  ].join('\n\n');
}
