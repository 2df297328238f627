/**
 * Keeps the load awake until the function it gives is called. A process that sleeps has to be woken by whoever writes to it, which
 * costs the writer as much as a call does; and a slow server would pay it for each answer, a fast one for none.
 */
export function spin(): () => void {
  let spinning = true;
  const turn = (): void => {
    if (spinning) setImmediate(turn);
  };
  turn();
  return () => {
    spinning = false;
  };
}
