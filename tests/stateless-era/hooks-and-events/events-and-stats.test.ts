import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTime } from '../../../packages/core/test/helpers/fake-platform.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { openSession } from '../../session-era/helpers/session.js';
import { answerOf } from '../../session-era/helpers/streams.js';
import { makeWide } from '../../session-era/helpers/wide-server.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, CELLS_IN_PROCESS, createCell } from '../helpers/cells.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };

interface Stats {
  readonly callsInFlight: number;
  readonly openListens: number;
  readonly parkedCalls: number;
  readonly keptServers: number;
}

const statsOf = (world: World): Stats => world.tessera.getStats();

describe.each(CELLS)('What is told of the stateless era ($name)', (cell) => {
  it('Each call of a tool is told once, with its era and without a session.', async () => {
    const world: World = await createCell(cell, {}, { server: () => makeWide(cell.sdk, world.acme) });
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.textOf(1, 'echo', 'x');
    await answerOf(await caller.call(2, 'steps', 'x', { meta: { progressToken: 'p' } }));
    await caller.answer(3, 'tools/call', { name: 'fail', arguments: {} });
    await caller.answer(4, 'tools/call', { name: 'throw', arguments: {} });
    const { tokenId, fingerprint } = world.tessera.rotateToken(TOKENS.acme, `new-${TOKENS.acme}`);
    const told = world.events('toolCalled');
    expect(told.map(({ toolName, success }) => [toolName, success])).toEqual([
      ['echo', true],
      ['steps', true],
      ['fail', false],
      ['throw', false],
    ]);
    for (const event of told) {
      expect(event).toMatchObject({ tenantId: 'acme', tokenId, era: 'stateless' });
      expect(event).not.toHaveProperty('sessionId');
      expect(event.fingerprint).not.toBe(fingerprint);
      expect(event.duration).toBeGreaterThanOrEqual(0);
    }
    expect(JSON.stringify(world.everyEvent())).not.toContain(TOKENS.acme);
  });

  it('Calls of sessions are told with theirs.', async () => {
    const world = await createCell(cell);
    const session = await openSession(world, TOKENS.acme);
    await answerOf(await session.call(1, 'echo', 'x'));
    expect(world.events('toolCalled')).toMatchObject([{ era: 'session', sessionId: session.id }]);
  });

  it('Each request is told with its era, and no session is.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.answer(1, 'server/discover');
    await caller.textOf(2, 'echo', 'x');
    await caller.listen();
    const handled = world.events('requestHandled');
    expect(handled.map(({ method, status, era, tenantId }) => [method, status, era, tenantId])).toEqual(
      Array.from({ length: 3 }, () => ['POST', 200, 'stateless', 'acme']),
    );
    expect(world.events('sessionCreated')).toEqual([]);
    expect(world.tessera.getStats().activeSessions).toBe(0);
  });

  it('The server of a tenant is told when it has answered for the first time.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) await caller.textOf(turn, 'echo', 'x');
    expect(world.events('serverRegistered')).toMatchObject([
      { tenantId: 'acme', serverName: 'acme', serverVersion: '1.0.0' },
    ]);
    expect(world.tessera.getTenant('acme')?.serverName).toBe('acme');
  });

  it('What is in flight and open is counted, for both eras together.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const session = await openSession(world, TOKENS.acme);
    const listening = await caller.listen();
    const waiting = [caller.call(1, 'hold', 'a'), session.call(1, 'hold', 'b')];
    const held = [await world.acme.untilHeld('a'), await world.acme.untilHeld('b')];
    expect(statsOf(world)).toMatchObject({ callsInFlight: 2, openListens: 1, openStreams: 0 });
    for (const call of held) call.release();
    for (const answer of waiting) await (await answer).text();
    await listening.leave();
    await vi.waitFor(() => {
      expect(statsOf(world)).toMatchObject({ callsInFlight: 0, openListens: 0, parkedCalls: 0 });
    }, WAIT);
  });
});

describe.each(CELLS_IN_PROCESS)('Servers that are kept for the next call ($name)', (cell) => {
  it('Are counted, and closed when nobody has used them for a while.', async () => {
    const time = new FakeTime();
    const stateless = { direct: cell.direct, keepMs: 60_000 };
    const world = await createCell(cell, { clock: time, timers: time, stateless });
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const kept = statsOf(world).keptServers;
    expect(kept).toBeGreaterThanOrEqual(cell.direct ? 1 : 0);
    await time.advance(50_000);
    expect(await caller.textOf(1, 'whoami')).toBe('acme');
    await time.advance(50_000);
    expect(statsOf(world).keptServers).toBe(cell.direct ? 1 : statsOf(world).keptServers);
    await time.advance(200_000);
    expect(statsOf(world).keptServers).toBe(0);
    expect(await caller.textOf(2, 'whoami')).toBe('acme');
  });

  it('Are few, however many calls there are; without reuse each call has its own.', async () => {
    const world = await createCell(cell, {}, {});
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const before = world.acme.instances.length;
    for (let turn = 0; turn < 20; turn += 1) await caller.textOf(turn, 'echo', 'x');
    if (cell.direct) expect(world.acme.instances.length - before).toBe(0);
    const stateless = { direct: cell.direct, reuse: false };
    const other = await createCell(cell, { stateless });
    const otherCaller = new StatelessCaller(other, TOKENS.acme);
    await otherCaller.warmUp();
    const made = other.acme.instances.length;
    for (let turn = 0; turn < 20; turn += 1) await otherCaller.textOf(turn, 'echo', 'x');
    expect(other.acme.instances.length - made).toBeGreaterThanOrEqual(20);
    expect(statsOf(other).keptServers).toBe(0);
  });

  it('Go with their tenant.', async () => {
    const world = await createCell(cell);
    await new StatelessCaller(world, TOKENS.acme).warmUp();
    await new StatelessCaller(world, TOKENS.globex).warmUp();
    const both = statsOf(world).keptServers;
    world.tessera.removeTenant('acme');
    expect(statsOf(world).keptServers).toBe(both / 2);
    world.tessera.removeTenant('globex');
    expect(statsOf(world).keptServers).toBe(0);
  });
});
