import { CANDIDATES, FLOOR, type Candidate } from '../candidates/catalogue.js';

/** What is to be measured, and how thoroughly. */
export interface Plan {
  readonly quick: boolean;
  /** The only candidates that are wanted, besides the floor. */
  readonly only?: ReadonlySet<string> | undefined;
  /** How often, where it is not for the workload to say. */
  readonly rounds?: number | undefined;
}

/** Which candidates a workload is for. */
export interface Choice {
  /** Who can do it. @default everybody */
  readonly able?: (candidate: Candidate) => boolean;
  /** Who of them does it in a whole run. @default all */
  readonly full?: (candidate: Candidate) => boolean;
  /** Who does it in a quick run. */
  readonly quick: readonly string[];
}

/** The candidates of a workload in a plan; the floor is always among them. */
export function chosen(plan: Plan, { able = everybody, full = everybody, quick }: Choice): Candidate[] {
  return CANDIDATES.filter((candidate) => {
    if (candidate.name === FLOOR) return true;
    if (!able(candidate)) return false;
    if (plan.only !== undefined) return plan.only.has(candidate.name);
    return plan.quick ? quick.includes(candidate.name) : full(candidate);
  });
}

/** How often a workload is measured. */
export function roundsOf(
  plan: Plan,
  { full, quick }: { readonly full: number; readonly quick: number },
): number {
  return plan.rounds ?? (plan.quick ? quick : full);
}

/** Whether a candidate is this project's on Node, of either era and SDK. */
export function isOursOnNode({ group, file }: Candidate): boolean {
  return group === 'ours' && file === 'node';
}

/** Ours on Node, and one of each other adapter: for what adapters have little to do with. */
export function isTypicalOfOurs(candidate: Candidate): boolean {
  return (
    isOursOnNode(candidate) ||
    (candidate.era === 'session' && candidate.sdk === 'v2' && candidate.file !== 'sdk')
  );
}

/** Whether it is a floor, a peer, or typical of ours. */
export function isTypical(candidate: Candidate): boolean {
  return candidate.group !== 'ours' || isTypicalOfOurs(candidate);
}

function everybody(): boolean {
  return true;
}
