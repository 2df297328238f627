/**
 * Counts the timers of the whole process from now on, also those that do not keep it alive. Returns how many are still
 * to run.
 */
export function countTimers(): () => number {
  const pending = new Set<unknown>();
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const countedTimeout = (
    run: (...given: unknown[]) => void,
    delayMs?: number,
    ...given: unknown[]
  ): unknown => {
    const timer = setTimeout(() => {
      pending.delete(timer);
      run(...given);
    }, delayMs);
    pending.add(timer);
    return timer;
  };
  const countedInterval = (run: () => void, everyMs?: number, ...given: unknown[]): unknown => {
    const timer = setInterval(run, everyMs, ...(given as []));
    pending.add(timer);
    return timer;
  };
  // Whatever hangs on the functions besides, such as their promised form, stays.
  Object.assign(globalThis, {
    setTimeout: Object.assign(countedTimeout, withSymbols(setTimeout)),
    setInterval: Object.assign(countedInterval, withSymbols(setInterval)),
    clearTimeout: (timer: NodeJS.Timeout | undefined) => {
      pending.delete(timer);
      clearTimeout(timer);
    },
    clearInterval: (timer: NodeJS.Timeout | undefined) => {
      pending.delete(timer);
      clearInterval(timer);
    },
  });
  return () => pending.size;
}

function withSymbols(timer: object): object {
  return Object.fromEntries(
    Object.getOwnPropertySymbols(timer).map((symbol) => [symbol, Reflect.get(timer, symbol)]),
  );
}
