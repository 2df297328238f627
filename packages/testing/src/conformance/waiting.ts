import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How long something may take that comes at once where it works, in milliseconds. */
const LIVENESS_MS = 5000;

const POLL_MS = 5;

/**
 * What a promise gives, if it does so in time.
 *
 * @param what completes the sentence "… has not come", for the error
 */
export async function within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} has not come after ${String(LIVENESS_MS)} ms.`));
    }, LIVENESS_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until something is true. */
export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = performance.now() + LIVENESS_MS;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`${what} has not come after ${String(LIVENESS_MS)} ms.`);
    await pause(POLL_MS);
  }
}

/** Waits until a figure has not changed for a while. */
export async function untilStill(figure: () => number, forMs: number): Promise<number> {
  for (;;) {
    const before = figure();
    await pause(forMs);
    if (figure() === before) return before;
  }
}

/** Lets time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Lets everything else of the process have its turn. A source that never ends calls it, because whoever asks for more
 * without ever waiting would stop the whole process.
 */
export function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A promise that somebody else settles. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
}

/** Makes a promise that somebody else settles. */
export function deferred<Value = undefined>(): Deferred<Value> {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((given) => {
    resolve = given;
  });
  return { promise, resolve };
}

/** Frees whatever nobody holds any more. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
