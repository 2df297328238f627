/* The first program of a page, as it stands but for its port. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../run.js';
import { CheckFailed } from './checks.js';

/** How long a program may take until it listens; only there so that nothing hangs. */
const PATIENCE_MS = 30_000;

/** A program, and a token that it lets in. */
export interface QuickStart {
  readonly code: string;
  readonly token: string;
}

/** Reads the first fence of TypeScript of a page. */
export async function readQuickStart(page: string): Promise<QuickStart> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const [, code] = /^```ts\b[^\n]*\n([\s\S]*?)^```/m.exec(text) ?? [];
  if (code === undefined) throw new CheckFailed(`${page} shows no program.`);
  const [, token] = /addToken\(\s*'([^']+)'/.exec(code) ?? [];
  if (token === undefined)
    throw new CheckFailed(`The first program of ${page} adds no token that can be used.`);
  return { code: code.replace(/\bport: \d+/g, 'port: 0'), token };
}

/** Runs a program until it prints an address, uses that, and ends the program. */
export async function withRunning(
  folder: string,
  program: string,
  use: (url: string) => Promise<unknown>,
): Promise<void> {
  const child = spawn(process.execPath, [program], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (): void => {
        clearTimeout(timer);
        reject(new CheckFailed(`${program} printed no address, but:\n${printed}`));
      };
      const timer = setTimeout(fail, PATIENCE_MS);
      child.once('close', fail);
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const [url] = /http:\/\/\S+(?=\s)/.exec(printed) ?? [];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      });
    });
    await use(url);
  } finally {
    child.kill();
    await ended;
  }
}
