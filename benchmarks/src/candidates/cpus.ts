import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The CPU that servers run on; the load has another one. */
export const SERVER_CPU = 0;
const LOAD_CPU = 1;

const canPin = availableParallelism() > 1 && canRun('taskset');

/** Whether server and load are kept apart. Without, figures say less. */
export function arePinned(): boolean {
  return canPin;
}

/** The same command on one CPU. */
export function pinned(cpu: number, command: readonly string[]): readonly string[] {
  return canPin ? ['taskset', '-c', String(cpu), ...command] : command;
}

/** Keeps this process, which makes the load, on its CPU. */
export function pinLoad(): void {
  if (canPin)
    execFileSync('taskset', ['-a', '-p', '-c', String(LOAD_CPU), String(process.pid)], { stdio: 'ignore' });
}

/** The same command on the load's CPU, giving way at once to whatever else wants it, where the system can do that. */
export function givingWay(command: readonly string[]): readonly string[] {
  const idle = canRun('chrt') ? ['chrt', '--idle', '0', ...command] : command;
  return pinned(LOAD_CPU, idle);
}

function canRun(program: string): boolean {
  try {
    execFileSync(program, ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
