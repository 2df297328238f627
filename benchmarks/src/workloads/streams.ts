import { FLOOR, type Candidate } from '../candidates/catalogue.js';
import { limitsLine } from '../candidates/limits.js';
import { BenchClient } from '../load/clients.js';
import type { Connection } from '../load/connection.js';
import { EventStream } from '../load/event-stream.js';
import { bodiless, listenBody, post, postHead } from '../load/requests.js';
import { spin } from '../load/spin.js';
import { median } from '../load/statistics.js';
import { limitsOf, withCandidate, type Started, type Wish } from './clients-of.js';
import { chosen, isTypicalOfOurs, roundsOf, type Plan } from './plan.js';
import { onConnections } from './with-connections.js';
import { entryOf, type Figures, type Workload } from './workload.js';

const QUICK = ['tessera-node-session-v2', 'tessera-node-stateless-v2', 'v2-node-session-json'];
const TENANTS = 250;
const STREAMS = 1000;
/** How many are opened at once. */
const AT_ONCE = 50;
const CHANGED = 'notifications/tools/list_changed';
const QUIET_NS = 1_000_000_000n;
const MOST_WAITING_MS = 15_000;

/** (e) One message to each of a thousand open streams. */
export function streams(plan: Plan): Workload {
  const wish: Wish = { tenants: TENANTS, sessions: STREAMS };
  const repetitions = plan.quick ? 3 : 6;
  const candidates = chosen(plan, {
    // The others have no streams that stay open, or nobody who could write to them.
    able: ({ sessions, era, name, file }) =>
      (sessions || era === 'stateless') && name !== 'mcp-handler-modern' && file !== 'sdk',
    full: (candidate) =>
      candidate.group === 'peers' || (candidate.group === 'ours' && isTypicalOfOurs(candidate)),
    quick: QUICK,
  });
  return {
    letter: 'e',
    title: 'A thousand open streams, one notification to each',
    about:
      `${STREAMS.toLocaleString('en')} sessions of ${String(TENANTS)} tenants with a GET stream each, or as many \`subscriptions/listen\` streams in the stateless era; all tenants are told that their tools have changed. ` +
      `From the call until the first, the middle and the last client had heard of it; how long nothing else could be done in the server at a time; how many have heard of it, each once. Middle of ${String(repetitions - 1)} times.`,
    limits: limitsLine(limitsOf(wish)),
    rounds: roundsOf(plan, { full: 2, quick: 1 }),
    base: FLOOR,
    columns: [
      { heading: 'last × floor', figures: ['last'], as: 'times', digits: 2, range: true, compared: true },
      { heading: 'first ms', figures: ['first'], as: 'value', digits: 1 },
      { heading: 'p50 ms', figures: ['p50'], as: 'value', digits: 1 },
      { heading: 'last ms', figures: ['last'], as: 'value', digits: 1 },
      { heading: 'event loop blocked ms', figures: ['blocked'], as: 'value', digits: 1, compared: true },
      { heading: 'received', figures: ['received'], as: 'value' },
    ],
    entries: candidates.map((candidate) => entryOf(candidate, () => tellAll(candidate, wish, repetitions))),
  };
}

function tellAll(candidate: Candidate, wish: Wish, repetitions: number): Promise<Figures> {
  return withCandidate(candidate, wish, async (started) => {
    const opened = await openAll(started);
    try {
      const told: Figures[] = [];
      for (let round = 0; round < repetitions; round += 1) {
        await untilQuiet(opened);
        told.push(await tellOnce(started, opened));
      }
      // The first is to warm up.
      return middleOf(told.slice(1));
    } finally {
      for (const stream of opened) stream.close();
    }
  });
}

async function openAll(started: Started): Promise<EventStream[]> {
  const { port } = started.running;
  const requests = await onConnections(port, { times: STREAMS, connections: AT_ONCE }, (connection, index) =>
    askForStream(started, connection, index),
  );
  const opened: EventStream[] = [];
  for (let at = 0; at < requests.length; at += AT_ONCE) {
    const some = requests.slice(at, at + AT_ONCE);
    opened.push(...(await Promise.all(some.map((request) => EventStream.open(port, request, CHANGED)))));
  }
  return opened;
}

async function askForStream(
  { tenants, speech }: Started,
  connection: Connection,
  index: number,
): Promise<Buffer> {
  const tenant = tenants[index % tenants.length];
  if (tenant === undefined) throw new Error('There are no tenants.');
  const { target } = await BenchClient.open(connection, tenant, speech);
  if (speech.era === 'session') return bodiless('GET', target);
  return post(postHead(target, 'subscriptions/listen'), listenBody(index + 1));
}

async function tellOnce({ running }: Started, opened: readonly EventStream[]): Promise<Figures> {
  for (const stream of opened) stream.forget();
  const stopSpinning = spin();
  const { at, blockedMs } = await running.ask<{ at: string; blockedMs: number }>('broadcast');
  await untilHeard(opened).finally(stopSpinning);
  const begun = BigInt(at);
  const times = opened.map(({ heardAt }) => Number(heardAt - begun) / 1e6).sort((one, other) => one - other);
  return {
    first: times[0] ?? NaN,
    p50: median(times),
    last: times.at(-1) ?? NaN,
    blocked: blockedMs,
    received: opened.filter(({ heard }) => heard === 1).length,
  };
}

/** Waits for every stream, and a while longer for what comes twice. */
async function untilHeard(opened: readonly EventStream[]): Promise<void> {
  const until = performance.now() + MOST_WAITING_MS;
  while (opened.some(({ heard }) => heard === 0)) {
    if (performance.now() > until) break;
    await after(20);
  }
  await after(200);
  const once = opened.filter(({ heard }) => heard === 1).length;
  if (once !== STREAMS) throw new Error(`Of ${String(STREAMS)} streams ${String(once)} have heard it once.`);
}

/** Waits until nothing has come for a second; where something always comes, not for long. */
async function untilQuiet(opened: readonly EventStream[]): Promise<void> {
  const until = performance.now() + MOST_WAITING_MS;
  while (performance.now() < until) {
    const now = process.hrtime.bigint();
    if (opened.every(({ lastAt }) => now - lastAt > QUIET_NS)) return;
    await after(100);
  }
}

function middleOf(told: readonly Figures[]): Figures {
  const names = Object.keys(told[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(told.map((one) => one[name] ?? NaN))]));
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
