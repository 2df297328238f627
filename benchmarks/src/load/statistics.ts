/** A percentile of sorted values. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Values in their middle and at their ends. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The middle and the ends of values; undefined when there are none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const low = sorted[0];
  const high = sorted.at(-1);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (low === undefined || high === undefined || upper === undefined || lower === undefined) return undefined;
  return { median: (lower + upper) / 2, low, high };
}

/** The middle of values; NaN when there are none. */
export function median(values: readonly number[]): number {
  return spreadOf(values)?.median ?? NaN;
}

/** The same items in the same order, beginning at another one. */
export function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
