import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { generateToken } from '@tessera-mcp/fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, statusOf } from './helpers.js';

const FOLDER = new URL('../../examples/usage/src/', import.meta.url);

function program(name: string): string[] {
  return ['--import', 'tsx', fileURLToPath(new URL(name, FOLDER))];
}

interface Running {
  readonly url: string;
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
  readonly signal: (name: 'SIGTERM' | 'SIGINT') => void;
}

/** Starts a program and waits until it prints the address it serves. */
async function start(name: string, address: RegExp, environment: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, program(name), {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  const exitCode = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const [, found] = address.exec(printed) ?? [];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('exit', () => {
      reject(new Error(printed));
    });
  });
  return { url, output: () => printed, exitCode, signal: (signal) => void child.kill(signal) };
}

describe('the example programs', () => {
  it.each([
    'demo-simple.ts',
    'demo-per-bearer.ts',
    'demo-runtime-tokens.ts',
    'demo-both-eras.ts',
    'demo-questions.ts',
  ])(
    'include %s, which checks itself and ends',
    async (name) => {
      const code = await new Promise<number>((resolve) => {
        const child = execFile(process.execPath, program(name), () => {
          resolve(child.exitCode ?? 1);
        });
      });
      expect(code).toBe(0);
    },
    60_000,
  );

  it('include a production service that ends gracefully on SIGTERM, with a client connected', async () => {
    const token = generateToken();
    const service = await start('production.ts', /Ready at (\S+)\n/, {
      PORT: '0',
      TOKENS: token,
      NODE_ENV: 'production',
    });
    await connect(service.url, token);
    service.signal('SIGTERM');
    expect(await service.exitCode).toBe(0);
    expect(service.output()).toContain('Stopping with 1 sessions of 1 tokens.');
    expect(service.output().trimEnd().endsWith('Stopped.')).toBe(true);
    expect(service.output()).not.toContain(token);
  }, 60_000);

  it('include a development app with the plugin', async () => {
    const app = await start('dev.ts', /"url": "([^"]+)"/, { PORT: '0' });
    expect(await statusOf(app.url, 'dev-calculator')).toBe(200);
    expect(await statusOf(app.url, 'unknown')).toBe(401);
    app.signal('SIGTERM');
    expect(await app.exitCode).toBe(0);
  }, 60_000);
});
