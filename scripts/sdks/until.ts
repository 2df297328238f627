import { setTimeout as sleep } from 'node:timers/promises';

/** Far beyond what anything here takes; whatever needs longer hangs. */
const BOUND_MS = 10_000;

const PAUSE_MS = 2;

/** Waits until something holds, and fails with what was waited for when it does not. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + BOUND_MS / 2;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited in vain: ${what}.`);
    await sleep(PAUSE_MS);
  }
}

/** Fails when work is not done in time. */
export async function bounded<Result>(work: Promise<Result>): Promise<Result> {
  const abort = new AbortController();
  const late = sleep(BOUND_MS, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`Not done after ${String(BOUND_MS / 1000)} s.`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    abort.abort();
    await late.catch(() => undefined);
  }
}
