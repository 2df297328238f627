import { spawn, type ChildProcess } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import type { BenchTenant } from '../load/clients.js';
import type { BenchLimits } from './limits.js';
import { SERVER_CPU, pinned } from './cpus.js';

/** What a candidate is told when it starts; see `candidates/shared/harness.mjs`. */
export interface CandidateSettings {
  readonly tenants: readonly BenchTenant[];
  readonly tools: 'echo' | 'large' | 'slow' | 'hundred';
  readonly sdk?: 'v1' | 'v2' | undefined;
  readonly mode?: string | undefined;
  readonly sessions: number;
  readonly limits?: BenchLimits | undefined;
  readonly [more: string]: unknown;
}

/** What a process holds, after its garbage was collected. Bytes. */
export interface Memory {
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
}

/** How much of what a process writes to its standard error is kept, in characters. */
const MOST_SAID = 2000;

/** A candidate's process, on a CPU of its own. */
export class Running {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #lastId = 0;
  #said = '';
  /** On 127.0.0.1. */
  port = 0;
  /** Of the endpoint. */
  path = '/mcp';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-MOST_SAID);
    });
    child.on('message', (message: { id: number; value?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.value);
      else waiting?.reject(new Error(message.error));
    });
    child.on('close', (code, signal) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`The process ended with ${String(code ?? signal)}. ${this.#said}`));
      }
    });
  }

  /** Starts a candidate. Whoever starts it stops it. */
  static async start(
    file: string,
    settings: CandidateSettings,
    nodeOptions: readonly string[] = [],
  ): Promise<Running> {
    const [command, ...given] = pinned(SERVER_CPU, [process.execPath, '--expose-gc', ...nodeOptions, file]);
    const child = spawn(command ?? process.execPath, given, {
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const running = new Running(child);
    try {
      await new Promise((resolve, reject) => running.#waiting.set(0, { resolve, reject }));
      const { port, path } = await running.ask<{ port: number; path: string }>('start', settings);
      running.port = port;
      running.path = path;
      return running;
    } catch (thrown) {
      await running.stop();
      throw thrown;
    }
  }

  /** Asks the process about itself. */
  ask<Value>(question: string, argument?: unknown): Promise<Value> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<Value>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ id, question, argument: argument ?? null }, (error) => {
        if (error !== null) reject(error);
      });
    }).finally(() => this.#waiting.delete(id));
  }

  /** What it has written to its standard error last. */
  get said(): string {
    return this.#said.trim();
  }

  /** Microseconds of CPU that all its threads have had so far, by the kernel's count. */
  async cpu(): Promise<number> {
    const folder = `/proc/${String(this.#child.pid)}/task`;
    const threads = await readdir(folder).catch(() => undefined);
    // Other systems than Linux: its own count, which is coarser.
    if (threads === undefined) return this.ask<number>('cpu');
    const spent = await Promise.all(
      threads.map(async (thread) =>
        Number((await readFile(`${folder}/${thread}/schedstat`, 'utf8')).split(' ')[0]),
      ),
    );
    return spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1000;
  }

  /** Ends it, if it has not ended. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}
