import { vi } from 'vitest';

/** A call of the `hold` tool that waits for the test. */
export interface HeldCall {
  readonly text: string;
  readonly signal: AbortSignal;
  release(): void;
}

/** What a test may do to a server instance from outside of a call. */
export interface Instance {
  readonly server: { close(): Promise<void> };
  grow(name: string): void;
  log(level: LogLevel, data: string): Promise<void>;
}

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** What the servers of one tenant share with the test: the instances made and the calls that wait. */
export class Stage {
  readonly held: HeldCall[] = [];
  readonly finished: string[] = [];
  readonly instances: Instance[] = [];

  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }

  hold(text: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const release = (): void => {
        this.finished.push(text);
        resolve(text);
      };
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
      this.held.push({ text, signal, release });
    });
  }

  /** Waits until the `hold` tool has been called with this text. */
  async untilHeld(text: string): Promise<HeldCall> {
    return vi.waitFor(
      () => {
        const call = this.held.find((one) => one.text === text);
        if (call === undefined) throw new Error(`No call holds "${text}".`);
        return call;
      },
      { timeout: 5000, interval: 5 },
    );
  }

  /** The newest server instance. */
  newest(): Instance {
    const instance = this.instances.at(-1);
    if (instance === undefined) throw new Error('No server was made.');
    return instance;
  }
}
