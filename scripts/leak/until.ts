import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns of the event loop after which what is waited for will not come any more. */
const MOST_TURNS = 200_000;

/** Lets the event loop turn until something holds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn += 1) {
    if (turn === MOST_TURNS) throw new Error(`Waited in vain: ${what}.`);
    await nextTurn();
  }
}

/** The call that was held last, as soon as it is; nobody else holds it any longer. */
export async function nextHeld<Call>(held: Call[]): Promise<Call> {
  await until('a call is held', () => held.length > 0);
  return held.pop() as Call;
}
