import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const DESCRIPTORS = '/proc/self/fd';

/** Lets everything come to rest and collects garbage until nothing more can go; then says how big the heap is. */
export async function heapAtRest(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('This program needs --expose-gc.');
  for (let round = 0; round < 5; round += 1) {
    await sleep(50);
    gc();
  }
  // What finalisers tell comes after the collection.
  await sleep(50);
  return process.memoryUsage().heapUsed;
}

/** What keeps the process busy, by name; what is open, by count. Descriptors are known on Linux only. */
export function resourcesNow(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  if (existsSync(DESCRIPTORS)) counts['descriptors'] = readdirSync(DESCRIPTORS).length;
  return counts;
}

/** What there is more of than before. */
export function leftOver(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const more = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}
