import type { Cell } from './cells.js';
import { UNSCORED } from './revisions.js';
import type { CellRun } from './run-cell.js';
import type { Suite } from './suite.js';

/** How a scenario went. */
export interface Judged {
  readonly name: string;
  /** What is wrong; empty when it has passed. */
  readonly complaints: readonly string[];
}

/** How a cell went. */
export interface Verdict {
  readonly cell: Cell;
  readonly scored: readonly Judged[];
  /** What the suite runs without scoring it, where that must pass too. */
  readonly unscored: readonly Judged[];
  /** How many requests in the cell's revision were answered well. */
  readonly spoken: number;
  /** What is wrong with the run as a whole. */
  readonly complaints: readonly string[];
  readonly passed: boolean;
}

/** Says what of a run has passed. */
export function judge(cell: Cell, suite: Suite, { scenarios, complaint, spoken }: CellRun): Verdict {
  const judgeOne = (name: string, needed?: string): Judged => {
    const scenario = scenarios.get(name);
    if (scenario === undefined) return { name, complaints: ['The suite has not run it.'] };
    const { complaints, succeeded, remarks } = scenario;
    const proven = needed === undefined ? succeeded.length > 0 : succeeded.includes(needed);
    if (complaints.length > 0 || proven) return { name, complaints };
    return { name, complaints: [`${needed ?? 'any check'} could not be checked`, ...remarks] };
  };
  const scored = suite.scored.map((name) => judgeOne(name));
  const unscored = cell.unscored
    ? UNSCORED[cell.revision].map(({ scenario, check }) => judgeOne(scenario, check))
    : [];
  const complaints = [...complaintsOfLanguage(cell, suite, spoken), ...(complaint ? [complaint] : [])];
  const fine = [...scored, ...unscored].every((one) => one.complaints.length === 0);
  return {
    cell,
    scored,
    unscored,
    spoken: spoken.get(cell.revision) ?? 0,
    complaints,
    passed: fine && complaints.length === 0,
  };
}

/** A suite that fell back to another revision would prove that one. */
function complaintsOfLanguage({ revision }: Cell, suite: Suite, spoken: CellRun['spoken']): string[] {
  const others = [...spoken.keys()].filter((one) => one !== revision);
  const count = spoken.get(revision) ?? 0;
  return [
    ...others.map((one) => `Requests in ${one} were answered well: ${String(spoken.get(one))}.`),
    ...(count < suite.scored.length
      ? [`Only ${String(count)} requests in ${revision} were answered well.`]
      : []),
  ];
}
