/*
 * Opens and ends a great many sessions, in each way in which they can end, and looks at what stays of them: heap,
 * server instances, timers, sockets, file descriptors. Each kind runs in a process of its own, two at a time.
 * `--cycles 5000` is a short form with so many cycles in all; `--kind revoke` runs one kind; `--write` makes
 * `docs/leaks.md` of a whole run. The last line is `N passed, N failed`; a kind is one.
 */
import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KINDS, kindOf } from './leak/kinds/kinds.js';
import type { Kind } from './leak/kinds/kind.js';
import { renderLeaks } from './leak/page.js';
import { complaintsOf, linesOf, type Measured } from './leak/measured.js';
import { ROOT } from './run.js';

const AT_ONCE = 2;

const PAGE = join(ROOT, 'docs/leaks.md');

const { values } = parseArgs({
  options: {
    cycles: { type: 'string' },
    kind: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const kinds = values.kind === undefined ? KINDS : [kindOf(values.kind)];
const share = values.cycles === undefined ? undefined : Math.ceil(Number(values.cycles) / kinds.length);
if (Number.isNaN(share)) throw new Error('--cycles takes a number.');

// What was started is stopped at the exit, which a signal alone would not bring about.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const waiting = [...kinds];
let passed = 0;
const printed: string[] = [];
const worker = async (): Promise<void> => {
  for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
    const measured = await runApart(kind, share ?? kind.cycles);
    if (measured === undefined) continue;
    for (const line of linesOf(measured)) {
      console.log(line);
      printed.push(line);
    }
    if (complaintsOf(measured).length === 0) passed += 1;
  }
};
const startedAt = performance.now();
await Promise.all(Array.from({ length: AT_ONCE }, worker));
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
if (values.write && kinds.length === KINDS.length) await writeFile(PAGE, await renderLeaks(printed));
console.log(`${String(passed)} passed, ${String(kinds.length - passed)} failed`);
process.exitCode = passed === kinds.length ? 0 : 1;

/** Runs a kind in a process of its own; nothing comes back when that ends without having measured. */
function runApart({ name }: Kind, cycles: number): Promise<Measured | undefined> {
  return new Promise((resolve) => {
    const child = fork(join(ROOT, 'scripts/leak/child.ts'), ['--kind', name, '--cycles', String(cycles)], {
      cwd: ROOT,
      execArgv: ['--expose-gc', '--import', 'tsx'],
    });
    const stop = (): void => void child.kill();
    process.once('exit', stop);
    let measured: Measured | undefined;
    child.once('message', (message) => {
      measured = message as Measured;
    });
    child.once('exit', (code) => {
      process.off('exit', stop);
      if (measured === undefined) console.log(`${name}: FAILED, it ended with code ${String(code)}`);
      resolve(measured);
    });
  });
}
