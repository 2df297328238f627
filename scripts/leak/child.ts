/* Runs the cycles of one kind in a process of its own, and sends what it has measured to the one who started it. */
import { parseArgs } from 'node:util';
import { writeHeapSnapshot } from 'node:v8';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Census } from './census.js';
import { countTimers } from './counted-timers.js';
import { kindOf } from './kinds/kinds.js';
import type { Running } from './kinds/kind.js';
import { heapAtRest, leftOver, resourcesNow } from './measure.js';
import type { Measured } from './measured.js';

/** After so many cycles the heap is looked at first: what is made once was made by then. */
const EARLY_SHARE = 0.2;

const BATCH = 100;

const realTimers = countTimers();

const { values } = parseArgs({
  options: { kind: { type: 'string' }, cycles: { type: 'string' }, snapshot: { type: 'string' } },
});
const measured = await measure(String(values.kind), Number(values.cycles));
process.send?.(measured, () => {
  process.disconnect();
});

async function measure(name: string, cycles: number): Promise<Measured> {
  const startedAt = performance.now();
  const census = new Census();
  await heapAtRest();
  const before = resourcesNow();
  const timersBefore = realTimers();
  const running = await kindOf(name).start(census);
  const early = Math.round(cycles * EARLY_SHARE);
  await runCycles(running, 0, early);
  const earlyHeapBytes = await heapAtRest();
  await runCycles(running, early, cycles);
  const heapBytes = await heapAtRest();
  if (values.snapshot !== undefined) writeHeapSnapshot(values.snapshot);
  const stats = running.rig.tessera.getStats();
  const { activeSessions, callsInFlight, openStreams, openListens, parkedCalls, keptServers } = stats;
  const timers = (): number => running.rig.pendingTimers + realTimers() - timersBefore;
  const counts = { activeSessions, callsInFlight, openStreams, openListens, parkedCalls, keptServers };
  const open = { ...counts, timers: timers() };
  const { made, finalised } = census;
  await running.close();
  await heapAtRest();
  return {
    name,
    cycles,
    earlyCycles: early,
    earlyHeapBytes,
    heapBytes,
    made,
    finalised,
    open: leftOver({}, open),
    afterClosing: leftOver(before, { ...resourcesNow(), timers: timers() }),
    elapsedMs: performance.now() - startedAt,
    cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  };
}

async function runCycles({ cycle, endBatch }: Running, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += BATCH) {
    const end = Math.min(to, start + BATCH);
    for (let index = start; index < end; index += 1) await cycle(index);
    await endBatch?.();
    // Finalisers and sockets get their turn.
    await nextTurn();
  }
}
