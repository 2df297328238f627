import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTime } from '../../../packages/core/test/helpers/fake-platform.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { textOf } from '../../session-era/helpers/messages.js';
import { expectOAuthRefusal, expectUnauthorized } from '../../session-era/helpers/refusals.js';
import { answerOf, EventReader } from '../../session-era/helpers/streams.js';
import { newToken, TOKENS, type World } from '../../session-era/helpers/world.js';
import { AskingLog, makeAsking } from '../helpers/asking-log.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell, HOSTS_BOTH_WAYS, type Cell } from '../helpers/cells.js';
import { expectGracefulEnd } from './helpers/ends.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };
const PROGRESS = { meta: { progressToken: 'p' } };
/** Shorter than the time after which an answer that is waited for becomes a stream. */
const LIFE_MS = 3000;

interface Setup {
  readonly world: World;
  readonly time: FakeTime;
  /** A token of the tenant `acme` that is valid for three seconds. */
  readonly token: string;
}

async function createSetup(cell: Cell, ofAcme: Parameters<typeof createCell>[2] = {}): Promise<Setup> {
  const time = new FakeTime();
  const world = await createCell(cell, { clock: time, timers: time }, ofAcme);
  const token = newToken();
  world.tessera.addToken('acme', token, { expiresAt: time.now() + LIFE_MS });
  return { world, time, token };
}

/** How access ends, what it is answered with, and whether the other users of the tenant keep theirs. */
const ENDS: readonly {
  readonly name: string;
  readonly end: (setup: Setup) => unknown;
  readonly status: number;
  readonly siblingStays: boolean;
  /** Whether calls in flight end with it; if not, they finish. */
  readonly callsEnd: boolean;
}[] = [
  {
    name: 'a token that is removed',
    end: ({ world, token }) => world.tessera.removeToken(token),
    status: 401,
    siblingStays: true,
    callsEnd: true,
  },
  {
    name: 'a token that expires',
    end: ({ time }) => time.advance(LIFE_MS + 1000),
    status: 401,
    siblingStays: true,
    callsEnd: true,
  },
  {
    name: 'a tenant that is removed',
    end: ({ world }) => world.tessera.removeTenant('acme'),
    status: 401,
    siblingStays: false,
    callsEnd: true,
  },
  {
    name: 'a tenant that is disabled',
    end: ({ world }) => world.tessera.updateTenant('acme', { enabled: false }),
    status: 403,
    siblingStays: false,
    callsEnd: false,
  },
];

const refusal = (response: Response, status: number): Promise<unknown> =>
  status === 401 ? expectUnauthorized(response) : expectOAuthRefusal(response, status);

describe.each(CELLS)('Access that ends ($name)', (cell) => {
  describe.each(ENDS)('With $name', ({ end, status, siblingStays, callsEnd }) => {
    it.runIf(callsEnd)(
      'Answers calls of which nothing was sent yet, and their handlers are told to stop.',
      async () => {
        const setup = await createSetup(cell);
        const caller = new StatelessCaller(setup.world, setup.token);
        await caller.warmUp();
        const waiting = [caller.call(1, 'hold', 'first'), caller.call(1, 'hold', 'second')];
        const calls = [await setup.world.acme.untilHeld('first'), await setup.world.acme.untilHeld('second')];
        await end(setup);
        for (const answer of waiting) await refusal(await answer, status);
        await vi.waitFor(() => {
          expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
        }, WAIT);
        await refusal(await caller.call(2, 'echo'), status);
        await refusal(await caller.ask(3, 'server/discover'), status);
        expect(setup.world.tessera.getStats().callsInFlight).toBe(0);
      },
    );

    it.runIf(callsEnd)(
      'Ends calls that stream with an error, and their handlers are told to stop.',
      async () => {
        const setup = await createSetup(cell);
        const caller = new StatelessCaller(setup.world, setup.token);
        await caller.warmUp();
        const reader = new EventReader(await caller.call('mine', 'holdWithProgress', 'work', PROGRESS));
        const call = await setup.world.acme.untilHeld('work');
        await reader.untilMethod('notifications/progress');
        await end(setup);
        await reader.untilEnd();
        expect(reader.failure).toBeUndefined();
        const last = reader.messages.at(-1);
        expect(last?.id).toBe('mine');
        expect(last?.error?.code).toEqual(expect.any(Number));
        expect(reader.messages.filter(({ result }) => result !== undefined)).toEqual([]);
        expect(call.signal.aborted).toBe(true);
      },
    );

    it('Ends listen streams in order.', async () => {
      const setup = await createSetup(cell);
      const caller = new StatelessCaller(setup.world, setup.token);
      const streams = [await caller.listen({}, 'first'), await caller.listen({ toolsListChanged: true }, 2)];
      await end(setup);
      await expectGracefulEnd(streams[0] as EventReader, 'first');
      await expectGracefulEnd(streams[1] as EventReader, 2);
      expect(setup.world.tessera.getStats()).toMatchObject({ openListens: 0 });
      await refusal(await caller.ask(3, 'subscriptions/listen', { notifications: {} }), status);
    });

    it.runIf(callsEnd)('Leaves everybody else alone.', async () => {
      const setup = await createSetup(cell);
      const { world } = setup;
      const mine = new StatelessCaller(world, setup.token);
      const sibling = new StatelessCaller(world, TOKENS.sibling);
      const globex = new StatelessCaller(world, TOKENS.globex);
      for (const caller of [mine, sibling, globex]) await caller.warmUp();
      const ofMine = mine.call(1, 'hold', 'mine');
      const ofSibling = sibling.call(1, 'hold', 'sibling');
      const ofGlobex = globex.call(1, 'hold', 'globex');
      await world.acme.untilHeld('mine');
      const [siblingHeld, globexHeld] = [
        await world.acme.untilHeld('sibling'),
        await world.globex.untilHeld('globex'),
      ];
      const [siblingListen, globexListen] = [await sibling.listen(), await globex.listen()];
      await end(setup);
      await refusal(await ofMine, status);
      globexHeld.release();
      expect(textOf(await answerOf(await ofGlobex))).toBe('globex');
      world.tessera.notify('globex').toolsChanged();
      await globexListen.untilMethod('notifications/tools/list_changed');
      expect(globexListen.ended).toBe(false);
      if (!siblingStays) {
        await refusal(await ofSibling, status);
        await expectGracefulEnd(siblingListen, 'listen');
        return;
      }
      expect(siblingHeld.signal.aborted).toBe(false);
      siblingHeld.release();
      expect(textOf(await answerOf(await ofSibling))).toBe('sibling');
      world.tessera.notify('acme').toolsChanged();
      await siblingListen.untilMethod('notifications/tools/list_changed');
      expect(siblingListen.ended).toBe(false);
      expect(await sibling.textOf(2, 'whoami')).toBe('acme');
    });
  });
});

describe.each(HOSTS_BOTH_WAYS)('Access that ends while calls wait ($name)', (cell) => {
  describe.each(ENDS)('With $name', ({ end, status }) => {
    it('Settles calls that wait for their client.', async () => {
      const log = new AskingLog();
      const setup = await createSetup(cell, { server: () => makeAsking(log) });
      const caller = new StatelessCaller(setup.world, setup.token, { capabilities: { elicitation: {} } });
      const asking = caller.call(1, 'ask', 'a');
      await vi.waitFor(() => {
        expect(log.lines).toEqual(['asks a']);
      }, WAIT);
      // Questions that are asked in the same moment are put together.
      await setup.time.advance(100);
      const { result } = await answerOf(await asking);
      expect(result?.resultType).toBe('input_required');
      expect(setup.world.tessera.getStats()).toMatchObject({ parkedCalls: 1 });
      await end(setup);
      await vi.waitFor(() => {
        expect(log.lines).toEqual(['asks a', 'cannot ask a']);
      }, WAIT);
      expect(log.signals.map(({ aborted }) => aborted)).toEqual([true]);
      expect(setup.world.tessera.getStats()).toMatchObject({ parkedCalls: 0 });
      const params = { name: 'ask', arguments: { text: 'a' }, requestState: result?.requestState };
      await refusal(await caller.ask(2, 'tools/call', params), status);
    });
  });
});

describe.each(CELLS)('A tenant that is enabled again ($name)', (cell) => {
  it('Has let the calls finish that were in flight.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    const inOneBody = caller.call('json', 'hold', 'json');
    const inStream = caller.call('stream', 'holdWithProgress', 'stream', PROGRESS);
    const calls = [await world.acme.untilHeld('json'), await world.acme.untilHeld('stream')];
    await world.tessera.updateTenant('acme', { enabled: false });
    await refusal(await caller.call(1, 'echo'), 403);
    for (const call of calls) {
      expect(call.signal.aborted).toBe(false);
      call.release();
    }
    expect(textOf(await answerOf(await inOneBody))).toBe('json');
    expect(textOf(await answerOf(await inStream))).toBe('stream');
  });

  it('Serves as before.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.warmUp();
    await world.tessera.updateTenant('acme', { enabled: false });
    await refusal(await caller.call(1, 'echo'), 403);
    await world.tessera.updateTenant('acme', { enabled: true });
    expect(await caller.textOf(2, 'echo', 'back')).toBe('back');
    const listening = await caller.listen();
    world.tessera.notify('acme').toolsChanged();
    await listening.untilMethod('notifications/tools/list_changed');
  });
});

describe.each(CELLS)('A token that is replaced by another ($name)', (cell) => {
  it('Takes its calls and streams along.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const listening = await caller.listen();
    const waiting = caller.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    const token = newToken();
    world.tessera.rotateToken(TOKENS.acme, token);
    await refusal(await caller.call(2, 'echo'), 401);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('work');
    world.tessera.notify('acme').toolsChanged();
    await listening.untilMethod('notifications/tools/list_changed');
    expect(await new StatelessCaller(world, token).textOf(3, 'whoami')).toBe('acme');
  });
});
