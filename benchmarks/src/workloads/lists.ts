import { FLOOR, type Candidate } from '../candidates/catalogue.js';
import { limitsLine } from '../candidates/limits.js';
import { LOAD_COLUMNS } from './calls.js';
import { limitsOf, type Wish } from './clients-of.js';
import { flat, measureLoad, type Durations } from './measure-load.js';
import { chosen, isTypical, roundsOf, type Plan } from './plan.js';
import { entryOf, type Entry, type Workload } from './workload.js';

const QUICK = ['tessera-node-session-v2', 'v2-node-session-json'];
const TOOLS = 100;

/** (f) Lists of a hundred tools. */
export function lists(plan: Plan): Workload {
  const wish: Wish = { tools: 'hundred', tenants: 16 };
  const durations = plan.quick ? { warmUp: 1, measured: 1 } : { warmUp: 1.5, measured: 2.5 };
  return {
    letter: 'f',
    title: '`tools/list` of 100 tools',
    about:
      "At 16 connections, by one client of each of 16 tenants, who have listed them before. Tessera remembers lists for a second by default, and without limit (`, static`) where a tenant has `lists: 'static'`.",
    limits: limitsLine(limitsOf(wish)),
    rounds: roundsOf(plan, { full: 2, quick: 1 }),
    base: FLOOR,
    columns: LOAD_COLUMNS,
    entries: chosen(plan, { full: isTypical, quick: QUICK }).flatMap((candidate): Entry[] => [
      listing(candidate, wish, durations),
      ...(candidate.group === 'ours' ? [remembering(candidate, wish, durations)] : []),
    ]),
  };
}

/** A candidate whose tenants say that their lists are told of when they change. */
function remembering(candidate: Candidate, wish: Wish, durations: Durations): Entry {
  const name = `${candidate.name}, static`;
  return { ...listing(candidate, { ...wish, more: { lists: 'static' } }, durations), name };
}

/** A candidate that is asked for its tools. */
function listing(candidate: Candidate, wish: Wish, durations: Durations): Entry {
  return entryOf(candidate, async () =>
    flat(
      await measureLoad(candidate, {
        wish,
        durations,
        counts: [16],
        operation: (client, connection) => client.list(connection, TOOLS),
      }),
    ),
  );
}
