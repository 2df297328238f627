import { expect } from 'vitest';
import type { AnsweredRequest } from './answered-request.js';
import { LIMITS, tenantOf, TENANTS, TOKENS, type ScheduledWorld } from './scheduled-world.js';
import { givenUp, intrusions } from './session-steps.js';

const countBy = (names: readonly string[]): number[] => [
  ...names
    .reduce((counts, name) => counts.set(name, (counts.get(name) ?? 0) + 1), new Map<string, number>())
    .values(),
];

/** What holds at every moment. */
export function expectAlways(world: ScheduledWorld): void {
  const { tessera, servers } = world;
  const stats = tessera.getStats();
  for (const [name, count] of Object.entries(stats)) expect(count, name).toBeGreaterThanOrEqual(0);
  const sessions = tessera.getActiveSessions();
  expect(stats.activeSessions).toBe(world.active.length);
  expect(sessions.map(({ sessionId }) => sessionId).sort()).toEqual([...world.active].sort());
  for (const tenant of tessera.tenants()) {
    const own = sessions.filter(({ tenantId }) => tenantId === tenant.id);
    expect(tenant.activeSessions).toBe(own.length);
    const users = tenant.id === 'a' ? own.map(() => 'all') : own.map(({ tokenId }) => tokenId);
    for (const count of countBy(users)) expect(count).toBeLessThanOrEqual(LIMITS.sessions);
  }
  expect(stats.activeSessions).toBeLessThanOrEqual(LIMITS.totalSessions);
  expect(servers.open()).toBeGreaterThanOrEqual(stats.activeSessions);
  for (const id of TENANTS) {
    if (tessera.getTenant(id) !== undefined) continue;
    expect(sessions.filter(({ tenantId }) => tenantId === id)).toEqual([]);
    const running = [...servers.running].filter(({ tenantId, signal }) => tenantId === id && !signal.aborted);
    expect(running, `tools of ${id} that run though it was removed`).toEqual([]);
  }
  expect(world.internalErrors).toEqual([]);
  expect(world.outdated).toEqual([]);
}

/** What holds when nothing is waiting for anything any more. */
export function expectQuiet(world: ScheduledWorld): void {
  const { tessera, servers, requests } = world;
  for (const request of requests) expectAnswered(request, world);
  const stats = tessera.getStats();
  expect(stats.callsInFlight).toBe(0);
  const streams = requests.filter((request) => request.streaming && !givenUp.has(request));
  expect(stats.openStreams).toBe(streams.length);
  for (const count of countBy(streams.map(({ sessionId }) => sessionId ?? ''))) {
    expect(count).toBeLessThanOrEqual(LIMITS.streamsPerSession);
  }
  expect(servers.running.size).toBe(0);
  expect(servers.open(), 'instances that are open').toBe(stats.activeSessions);
  for (const id of TENANTS) {
    expect(servers.open(id)).toBe(tessera.getTenant(id)?.activeSessions ?? 0);
  }
  expectSessionsTold(world);
}

/** Every request is answered, once, by a server of the caller's own tenant or by none. */
function expectAnswered(request: AnsweredRequest, { active }: ScheduledWorld): void {
  const { description, status, responses, callId, outcome } = request;
  expect(status, `${description} was not answered`).toBeDefined();
  expect(responses.length, description).toBeLessThanOrEqual(1);
  if (intrusions.has(request)) {
    expect([401, 403, 404, 429, 503], description).toContain(status);
    return;
  }
  expect([200, 202, 401, 403, 404, 429, 500, 503, 504], description).toContain(status);
  if (callId === undefined) {
    const isOpen = request.sessionId !== undefined && active.includes(request.sessionId);
    if (request.streaming) expect(isOpen, `${description} goes on though its session is over`).toBe(true);
    return;
  }
  expect(request.complete, `${description} goes on`).toBe(true);
  if (status !== 200 || givenUp.has(request)) return;
  expect(responses, description).toHaveLength(1);
  if (!description.includes('tools/call') || outcome === 'Connection closed') return;
  const token = TOKENS.find((one) => description.includes(` by ${one} `)) ?? '';
  expect(outcome, description).toMatch(new RegExp(`^${tenantOf(token)} \\d+$`));
}

/** Clients, events and the tessera know the same sessions, and each ended once, for a reason there was. */
function expectSessionsTold({ sessions, created, ended, done }: ScheduledWorld): void {
  const createdIds = created.map(({ sessionId }) => sessionId);
  expect(new Set(createdIds).size).toBe(createdIds.length);
  expect(sessions.map(({ id }) => id).sort()).toEqual([...createdIds].sort());
  const endedIds = ended.map(({ sessionId }) => sessionId);
  expect(new Set(endedIds).size).toBe(endedIds.length);
  for (const { sessionId, tenantId, reason } of ended) {
    const owner = sessions.find(({ id }) => id === sessionId)?.token ?? '';
    expect(tenantOf(owner)).toBe(tenantId);
    const causes: Partial<Record<typeof reason, boolean>> = {
      deleted: done.has(`deleted ${sessionId}`),
      revoked: done.has(`revoked ${owner}`),
      tenantRemoved: done.has(`tenantRemoved ${tenantId}`),
      updated: done.has(`updated ${tenantId}`),
      idle: done.has('idle'),
      stopped: done.has('stopped'),
      evicted: true,
    };
    expect(causes[reason] ?? false, `${sessionId} of ${owner} ended: ${reason}`).toBe(true);
  }
}
