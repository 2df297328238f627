/** Lines of context around what differs. */
const CONTEXT = 2;

/** As much as anybody reads. */
const MOST_LINES = 80;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** The difference of two texts, in lines marked as removed or added with some context; none when they are equal. */
export function difference(before: string, after: string): string[] {
  if (before === after) return [];
  const lines = compare(before.split('\n'), after.split('\n'));
  const shown = new Set<number>();
  lines.forEach(({ mark }, index) => {
    if (mark === ' ') return;
    for (let near = index - CONTEXT; near <= index + CONTEXT; near += 1) shown.add(near);
  });
  const all = lines.flatMap(({ mark, text }, index) => {
    if (!shown.has(index)) return [];
    return [...(index > 0 && !shown.has(index - 1) ? ['…'] : []), `${mark} ${text}`];
  });
  const more = all.length - MOST_LINES;
  return more > 0 ? [...all.slice(0, MOST_LINES), `… and ${String(more)} more lines`] : all;
}

/** All lines of both texts, those of their longest common subsequence once. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const lengthAt = (one: number, other: number): number => lengths[one * width + other] ?? 0;
  for (let one = before.length - 1; one >= 0; one -= 1) {
    for (let other = after.length - 1; other >= 0; other -= 1) {
      lengths[one * width + other] =
        before[one] === after[other]
          ? lengthAt(one + 1, other + 1) + 1
          : Math.max(lengthAt(one + 1, other), lengthAt(one, other + 1));
    }
  }
  const lines: Line[] = [];
  let one = 0;
  let other = 0;
  while (one < before.length || other < after.length) {
    const removed = before[one];
    const added = after[other];
    if (removed !== undefined && removed === added) {
      lines.push({ mark: ' ', text: removed });
      one += 1;
      other += 1;
    } else if (
      removed !== undefined &&
      (added === undefined || lengthAt(one + 1, other) >= lengthAt(one, other + 1))
    ) {
      lines.push({ mark: '-', text: removed });
      one += 1;
    } else if (added !== undefined) {
      lines.push({ mark: '+', text: added });
      other += 1;
    }
  }
  return lines;
}
