import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../run.js';
import { CheckFailed } from './checks.js';

/** What a program printed, and how long it ran. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from its start to its end. */
  readonly duration: number;
}

/** Where and how long a program may run. */
export interface ProgramOptions {
  /** @default the project's folder */
  readonly cwd?: string;
  /** Milliseconds after which it is ended; only there so that nothing hangs. @default 180_000 */
  readonly timeout?: number;
  /** Exit codes and signals that are no failure. @default [0] */
  readonly accept?: readonly (number | string)[];
}

/**
 * Runs a program, and keeps what it prints.
 *
 * @throws CheckFailed with its output when it does not end as it should
 */
export async function runProgram(
  command: string,
  commandArguments: readonly string[],
  options: ProgramOptions = {},
): Promise<Printed> {
  const { cwd = ROOT, timeout = 180_000, accept = [0] } = options;
  const startedAt = performance.now();
  const child = spawn(command, commandArguments, {
    cwd,
    timeout,
    // A program may have its own idea of what to do about politer signals.
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? String(signal));
    });
  });
  if (!accept.includes(ended)) {
    const line = [command, ...commandArguments].join(' ');
    throw new CheckFailed(`${line}\nended with ${String(ended)}, and printed:\n${stdout}${stderr}`);
  }
  return { stdout, stderr, duration: performance.now() - startedAt };
}

/** The path of a program that one of the project's dependencies brings. */
export function tool(name: string): string {
  return join(ROOT, 'node_modules', '.bin', name);
}

/** Runs npm in a folder: what it has cached is good enough, and it says nothing about money or audits. */
export function npmInstall(folder: string, packages: readonly string[] = []): Promise<Printed> {
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  return runProgram('npm', ['install', ...quietly, ...packages], { cwd: folder });
}

/** Runs pnpm: the one that runs this script, else the one that the project names. */
export function pnpm(
  commandArguments: readonly string[],
  cwd: string,
  packageManager: string,
): Promise<Printed> {
  const running = process.env['npm_execpath'];
  if (running !== undefined && /pnpm[^/\\]*\.c?js$/.test(running)) {
    return runProgram(process.execPath, [running, ...commandArguments], { cwd });
  }
  return runProgram('npx', ['-y', packageManager, ...commandArguments], { cwd });
}
