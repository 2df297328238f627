import type { Cell } from './cells.js';
import type { Suite, SuiteRun } from './suite.js';

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
  /** What the suite said at its end, when it did not end well and no scenario says why. */
  readonly complaint: string | undefined;
  readonly passed: boolean;
}

/**
 * What the suite does not score, and the check that must have succeeded: without it, such a scenario also ends well
 * where the server does nothing of what it is about.
 */
const UNSCORED: Readonly<Record<string, string>> = {
  'server-session-lifecycle': 'server-session-terminated-returns-404',
  'server-sse-polling': 'server-sse-disconnect-resume',
  'json-schema-2020-12': 'json-schema-2020-12-$schema',
};

/** Says what of a run has passed. */
export function judge(cell: Cell, suite: Suite, { scenarios, complaint }: SuiteRun): Verdict {
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
    ? Object.entries(UNSCORED).map(([name, needed]) => judgeOne(name, needed))
    : [];
  const fine = [...scored, ...unscored].every(({ complaints }) => complaints.length === 0);
  return { cell, scored, unscored, complaint, passed: fine && complaint === undefined };
}
