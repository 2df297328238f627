import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The folder the project is in. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in the project's folder, with its output on the terminal, and returns its exit code. */
export function run(command: string, commandArguments: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { cwd: ROOT, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** Runs a program that one of the project's dependencies brings. */
export function runTool(name: string, ...commandArguments: string[]): Promise<number> {
  return run(fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url)), commandArguments);
}
