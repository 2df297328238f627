/** A block of code in a page. */
export interface Fence {
  /** What stands behind the opening marks, such as `ts`. */
  readonly language: string;
  /** The line of the opening marks, counted from 1. */
  readonly line: number;
  /** Whether something stands in front of the opening marks. */
  readonly indented: boolean;
  readonly code: string;
  /** How many lines the code has. */
  readonly length: number;
  /** What the comment right above says; empty when there is none. */
  readonly comment: string;
}

const OPENING = /^(\s*)(`{3,}|~{3,})\s*(\S*)/;
const COMMENT = /^<!--\s*(.*?)\s*-->$/;

/** The blocks of code in a page, in their order. A fence that is shown inside another one is not a block. */
export function fencesOf(text: string): Fence[] {
  const lines = text.split('\n');
  const found: Fence[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent = '', marks = '', language = ''] = OPENING.exec(lines[index] ?? '') ?? [];
    if (marks === '') continue;
    const end = lines.findIndex((line, other) => other > index && closes(line, marks));
    const last = end === -1 ? lines.length : end;
    found.push({
      language,
      line: index + 1,
      indented: indent !== '',
      code: lines.slice(index + 1, last).join('\n'),
      length: last - index - 1,
      comment: commentAbove(lines, index),
    });
    index = last;
  }
  return found;
}

/** The page with other code in some of its fences. */
export function withCode(text: string, codes: ReadonlyMap<Fence, string>): string {
  const lines = text.split('\n');
  // From the end, so that the lines in front of a fence keep their numbers.
  for (const [fence, code] of [...codes].reverse()) {
    lines.splice(fence.line, fence.length, ...code.split('\n'));
  }
  return lines.join('\n');
}

function closes(line: string, marks: string): boolean {
  const trimmed = line.trim();
  return trimmed.startsWith(marks) && trimmed.replaceAll(marks.charAt(0), '') === '';
}

function commentAbove(lines: readonly string[], index: number): string {
  const above = lines[index - 1] === '' ? lines[index - 2] : lines[index - 1];
  return COMMENT.exec(above ?? '')?.[1] ?? '';
}
