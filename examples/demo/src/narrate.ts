import { isDeepStrictEqual } from 'node:util';

/** Something did not turn out as the story tells it. */
export class Mismatch extends Error {
  override readonly name: string = 'Mismatch';
}

/** Starts a chapter. */
export function chapter(title: string): void {
  console.log(`\n${title}`);
}

/** Prints what happened, and stops the story when it is not what should have happened. */
export function tell(what: string, actual: unknown, expected: unknown): void {
  console.log(`  ${what}: ${typeof actual === 'string' ? actual : JSON.stringify(actual)}`);
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Mismatch(
    `"${what}" should have been ${JSON.stringify(expected)} and was ${JSON.stringify(actual)}.`,
  );
}

/** Waits until something holds; a story that waits too long is a mismatch too. */
export async function until(what: string, holds: () => boolean, limitMs = 5000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > end) throw new Mismatch(`"${what}" did not happen within ${String(limitMs)} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
