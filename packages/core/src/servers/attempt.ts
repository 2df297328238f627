import type { Timers } from '../shared/platform.js';
import { toError } from '../shared/values.js';

/** Something that must be done in time. It ends when time runs out, or when somebody has a reason to stop it. */
export class Attempt {
  readonly #abort = new AbortController();
  readonly #timers: Timers;
  readonly #timer: unknown;

  /** @param tooLate makes the error that it ends with when time runs out */
  constructor(timers: Timers, timeoutMs: number, tooLate: () => Error) {
    this.#timers = timers;
    this.#timer = timers.setTimeout(() => {
      this.stop(tooLate());
    }, timeoutMs);
  }

  /** Aborted when it has ended without success. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why it was stopped; undefined while it goes on. */
  get stoppedBy(): Error | undefined {
    return this.signal.aborted ? toError(this.signal.reason) : undefined;
  }

  stop(reason: Error): void {
    this.finish();
    this.#abort.abort(reason);
  }

  /** It has succeeded, or nobody cares any more: time no longer counts. */
  finish(): void {
    this.#timers.clearTimeout(this.#timer);
  }

  /** Settles as `running` does, unless the attempt is stopped first; then it rejects with the reason. */
  race<Value>(running: Promise<Value>): Promise<Value> {
    const { signal } = this;
    return new Promise<Value>((resolve, reject) => {
      const onStop = (): void => {
        reject(toError(signal.reason));
      };
      if (signal.aborted) onStop();
      else signal.addEventListener('abort', onStop);
      const settle = (): void => {
        signal.removeEventListener('abort', onStop);
      };
      running.then(
        (value) => {
          settle();
          resolve(value);
        },
        (thrown: unknown) => {
          settle();
          reject(toError(thrown));
        },
      );
    });
  }
}
