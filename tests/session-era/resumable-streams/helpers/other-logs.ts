import { memoryEventLog, type EventLog, type StorePlace, type LoggedEvent } from '@tessera-mcp/core';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A log that takes its time, as one in a database does; what it was told is there when its promise resolves. */
export class SlowLog implements EventLog {
  readonly #log = memoryEventLog();
  readonly #appendMs: number;
  readonly #readMs: number;

  constructor(times: { readonly appendMs: number; readonly readMs: number }) {
    this.#appendMs = times.appendMs;
    this.#readMs = times.readMs;
  }

  async append(place: StorePlace, event: LoggedEvent, bytes: number): Promise<void> {
    if (this.#appendMs > 0) await pause(this.#appendMs);
    await this.#log.append(place, event, bytes);
  }

  /** Answers late with what is there at once, as a database does behind a slow line. */
  async read(place: StorePlace, stream: string, after: number): Promise<readonly LoggedEvent[]> {
    const events = await this.#log.read(place, stream, after);
    await pause(this.#readMs);
    return events;
  }

  async forget(place: StorePlace): Promise<void> {
    await this.#log.forget(place);
  }
}

/** A log whose reading the test lets through. */
export class HeldLog implements EventLog {
  readonly #log = memoryEventLog();
  readonly #waiting: (() => void)[] = [];
  holding = false;

  get waiting(): number {
    return this.#waiting.length;
  }

  append(place: StorePlace, event: LoggedEvent, bytes: number): void | Promise<void> {
    return this.#log.append(place, event, bytes);
  }

  async read(place: StorePlace, stream: string, after: number): Promise<readonly LoggedEvent[]> {
    const events = await this.#log.read(place, stream, after);
    if (this.holding) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return events;
  }

  forget(place: StorePlace): void | Promise<void> {
    return this.#log.forget(place);
  }

  /** Lets one reading through. */
  release(): void {
    this.#waiting.shift()?.();
  }
}

/** What a log does instead of its work. */
type Failure = (what: string) => never | Promise<never>;

/** A log that keeps nothing because all it does fails. */
export function failingLog(fail: Failure): EventLog {
  return {
    append: () => fail('append failed'),
    read: () => fail('read failed'),
    forget: () => fail('forget failed'),
  };
}

const throwNow: Failure = (what) => {
  throw new Error(what);
};

const reject: Failure = (what) => Promise.reject(new Error(what));

const rejectLater: Failure = async (what) => {
  await pause(5);
  throw new Error(what);
};

/** Ways to fail. */
export const FAILURES: readonly [name: string, fail: Failure][] = [
  ['throws', throwNow],
  ['rejects', reject],
  ['rejects after a while', rejectLater],
];
