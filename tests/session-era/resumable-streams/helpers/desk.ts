import { vi } from 'vitest';

/** A call of the tool `work`, in the hands of the test. */
export interface WorkingCall {
  readonly text: string;
  readonly signal: AbortSignal;
  /** Ends the connection of the call, where its client knows how to come back. */
  readonly closeStream: (() => void) | undefined;
  /** The same for the newest GET stream. */
  readonly closeStandaloneStream: (() => void) | undefined;
  progress(progress: number): Promise<void>;
  log(data: string): Promise<void>;
  ask(message: string): Promise<unknown>;
  finish(text: string): void;
  fail(error: Error): void;
}

/** What a test may do with a server instance outside of a call. */
export interface SpeakingServer {
  say(data: string): Promise<void>;
}

/** What the servers of a test share with it: the instances made, and the calls that wait for their end. */
export class Desk {
  readonly calls: WorkingCall[] = [];
  readonly servers: SpeakingServer[] = [];

  /** Puts a call into the hands of the test, and waits until the test ends it. */
  work(call: Omit<WorkingCall, 'finish' | 'fail'>): Promise<string> {
    return new Promise((finish, fail) => {
      this.calls.push({ ...call, finish, fail });
    });
  }

  /** Waits until the tool `work` was called with this text. */
  async untilCalled(text: string): Promise<WorkingCall> {
    return vi.waitFor(
      () => {
        const call = this.calls.find((one) => one.text === text);
        if (call === undefined) throw new Error(`Nobody has called "${text}".`);
        return call;
      },
      { timeout: 5000, interval: 5 },
    );
  }

  /** Says something of the newest server's own accord: it goes to the GET stream of the session. */
  async say(...texts: string[]): Promise<void> {
    const server = this.servers.at(-1);
    if (server === undefined) throw new Error('No server was made.');
    for (const text of texts) await server.say(text);
  }
}
