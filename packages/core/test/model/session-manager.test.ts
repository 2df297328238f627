import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from './helpers/check-property.js';
import { ScheduledWorld, tenantOf, TENANTS, TOKENS, TOKENS_OF } from './helpers/scheduled-world.js';
import { expectAlways, expectQuiet } from './helpers/session-invariants.js';
import { intrusions, steps, takeovers, type Step } from './helpers/session-steps.js';

/** Lets everything run that waits for promises only. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets the scheduler go on until nothing waits for it, and looks at the world at each stop. */
async function settle(scheduler: fc.Scheduler, world: ScheduledWorld): Promise<void> {
  for (;;) {
    await breathe();
    await breathe();
    expectAlways(world);
    if (scheduler.count() === 0) break;
    await scheduler.waitNext(1);
  }
  expectQuiet(world);
}

async function runSteps(scheduler: fc.Scheduler, world: ScheduledWorld, all: readonly Step[]): Promise<void> {
  const sequence = all.map((one) => ({
    label: one.toString(),
    builder: () => Promise.resolve(one.run(world)),
  }));
  void scheduler.scheduleSequence(sequence);
  await settle(scheduler, world);
}

/** Each session answers its owner exactly when it is active, and nobody else ever. */
async function probe(scheduler: fc.Scheduler, world: ScheduledWorld): Promise<void> {
  const { active } = world;
  const pings = world.sessions.map(({ id, token }) => ({ id, token, request: world.ping(token, id) }));
  for (const { id, token } of world.sessions) {
    for (const other of TOKENS.filter((one) => one !== token)) intrusions.add(world.ping(other, id));
  }
  await settle(scheduler, world);
  for (const { id, token, request } of pings) {
    const isOpen = world.active.includes(id);
    const isDisabled = world.tessera.getTenant(tenantOf(token))?.enabled === false;
    const expected = isOpen ? [isDisabled ? 403 : 200] : [401, 403, 404, 503];
    expect(expected, `${request.description}, which is ${isOpen ? 'open' : 'over'}`).toContain(
      request.status,
    );
    expect(isOpen && !active.includes(id), 'a session that has come back').toBe(false);
  }
}

/** With everybody let in again, all sessions can be ended, and as many opened as may be: nothing is left of them. */
async function startAgain(scheduler: fc.Scheduler, world: ScheduledWorld): Promise<void> {
  for (const id of TENANTS) {
    world.addTenant(id);
    world.setEnabled(id, true);
  }
  for (const token of TOKENS) world.addToken(token);
  for (const id of world.active) {
    const owner = world.sessions.find((session) => session.id === id)?.token ?? '';
    world.end(owner, id);
  }
  await settle(scheduler, world);
  const { activeSessions, openStreams, callsInFlight } = world.tessera.getStats();
  expect({ activeSessions, openStreams, callsInFlight }).toEqual({
    activeSessions: 0,
    openStreams: 0,
    callsInFlight: 0,
  });
  for (const id of TENANTS) world.update(id, 'good', 'swap');
  await settle(scheduler, world);
  const [ofA] = TOKENS_OF.a;
  const opened = [ofA, ofA, ofA, ...TOKENS_OF.b.flatMap((token) => [token, token])].slice(0, 10);
  const requests = opened.map((token) => world.open(token));
  await settle(scheduler, world);
  expect(requests.map(({ status }) => status)).toEqual(opened.map(() => 200));
}

async function close(scheduler: fc.Scheduler, world: ScheduledWorld): Promise<void> {
  world.close();
  await settle(scheduler, world);
  expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, openStreams: 0, callsInFlight: 0 });
  expect(world.servers.open()).toBe(0);
  expect(world.time.pending, 'timers that are set').toBe(0);
}

async function check(scheduler: fc.Scheduler, all: readonly Step[]): Promise<void> {
  const world = new ScheduledWorld(scheduler);
  await runSteps(scheduler, world, all);
  const isClosed = !world.tessera.ready();
  await probe(scheduler, world);
  if (!isClosed) await startAgain(scheduler, world);
  await close(scheduler, world);
}

describe('A tessera in which everything happens at once', () => {
  it.each([
    ['whatever happens', steps],
    ['while servers are replaced', takeovers],
  ])(
    'answers every request once, mixes nobody up, and keeps nothing of what is over, %s',
    { timeout: 60_000 },
    async (_when, all) => {
      await checkProperty(fc.asyncProperty(fc.scheduler(), all, check), { runs: 45 });
    },
  );
});
