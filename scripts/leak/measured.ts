/** What was measured of a kind. */
export interface Measured {
  readonly name: string;
  readonly cycles: number;
  readonly earlyCycles: number;
  /** Size of the heap after the early cycles. */
  readonly earlyHeapBytes: number;
  /** Size of the heap after all cycles. */
  readonly heapBytes: number;
  /** Server instances that were made. */
  readonly made: number;
  /** Of those, how many the garbage collector has taken away. */
  readonly finalised: number;
  /** What the tessera says is open when every session has ended. */
  readonly open: Readonly<Record<string, number>>;
  /** What there is more of, after everything was closed, than before it was started. */
  readonly afterClosing: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
  /** Time on a core, which does not depend on what else runs. */
  readonly cpuMs: number;
}

/** A heap may grow by so much: compiled code and caches of the engine come late. */
const ALLOWED_BYTES = 2 * 1024 * 1024;

const FINALISED_SHARE = 0.999;

/** What is wrong; empty when nothing is. */
export function complaintsOf(measured: Measured): string[] {
  const { earlyHeapBytes, heapBytes, made, finalised, cycles, open, afterClosing } = measured;
  const complaints: string[] = [];
  if (heapBytes - earlyHeapBytes > ALLOWED_BYTES) complaints.push('The heap grows.');
  if (made < cycles) complaints.push('Not every cycle had a server of its own.');
  if (finalised < made * FINALISED_SHARE) complaints.push('Servers stay behind.');
  if (Object.keys(open).length > 0) complaints.push(`Still open: ${JSON.stringify(open)}.`);
  if (Object.keys(afterClosing).length > 0)
    complaints.push(`Left after closing: ${JSON.stringify(afterClosing)}.`);
  return complaints;
}

/** One line about a kind, and one for each complaint. */
export function linesOf(measured: Measured): string[] {
  const { name, cycles, earlyCycles, earlyHeapBytes, heapBytes, made, finalised } = measured;
  const complaints = complaintsOf(measured);
  const perCycle = ALLOWED_BYTES / (cycles - earlyCycles);
  const left = Object.keys({ ...measured.open, ...measured.afterClosing });
  return [
    [
      `${name}: ${number(cycles)} cycles in ${seconds(measured.elapsedMs)} (${seconds(measured.cpuMs)} of a core)`,
      `heap ${megabytes(earlyHeapBytes)} after ${number(earlyCycles)}, ${megabytes(heapBytes)} at the end`,
      `${number(finalised)} of ${number(made)} servers finalised`,
      `left: ${left.length === 0 ? 'nothing' : left.join(', ')}`,
      `a leak of ${perCycle.toFixed(0)} bytes a cycle would be noticed`,
    ].join(' · '),
    ...complaints.map((complaint) => `  FAILED ${complaint}`),
  ];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(0)} s`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)} MB`;
}
