import type { CallHooks, TenantOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { gate, HookLog } from '../../session-era/helpers/hook-log.js';
import { textOf } from '../../session-era/helpers/messages.js';
import { openSession } from '../../session-era/helpers/session.js';
import { answerOf } from '../../session-era/helpers/streams.js';
import { makeWide } from '../../session-era/helpers/wide-server.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import { makeAskingServer, SEAT_ANSWER } from '../helpers/asking-servers.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell } from '../helpers/cells.js';

afterEach(closeEverything);

describe.each(CELLS)('Hooks before and after calls of the stateless era ($name)', (cell) => {
  const wideWorld = async (hooks: CallHooks, ofAcme: Partial<TenantOptions> = {}): Promise<World> => {
    const server = (): ReturnType<typeof makeWide> => makeWide(cell.sdk, world.acme);
    const world: World = await createCell(cell, { hooks }, { server, ...ofAcme });
    return world;
  };

  it.each([
    [
      'tools/call',
      { name: 'echo', arguments: { text: 'hello' } },
      { name: 'echo', arguments: { text: 'hello' } },
    ],
    ['resources/read', { uri: 'memo://one' }, { name: 'memo://one', arguments: {} }],
    ['prompts/get', { name: 'greet' }, { name: 'greet', arguments: {} }],
  ])('Are asked about %s once, and told once what the client was answered.', async (method, params, seen) => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const { result } = await caller.answer('mine', method, params);
    expect(result).toMatchObject({ resultType: 'complete' });
    const { call, outcome } = await log.onlyEnd();
    expect(call).toBe(log.asked[0]);
    expect(call).toMatchObject({ tenantId: 'acme', era: 'stateless', method, ...seen });
    expect(call).not.toHaveProperty('sessionId');
    expect(outcome).toMatchObject({ status: 'answered', by: 'server' });
    expect(outcome.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('Are asked and told once each for many calls, on whatever way they go.', async () => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const texts = Array.from({ length: 24 }, (_, index) => `text ${String(index)}`);
    for (const text of texts.slice(0, 4)) expect(await caller.textOf(1, 'echo', text)).toBe(text);
    await Promise.all(
      texts.slice(4).map(async (text, index) => {
        const meta = index % 2 === 0 ? {} : { progressToken: 'p' };
        const name = index % 2 === 0 ? 'echo' : 'steps';
        expect(textOf(await answerOf(await caller.call(1, name, text, { meta })))).toBe(text);
      }),
    );
    expect(log.asked.map((call) => call.arguments['text']).sort()).toEqual([...texts].sort());
    expect(log.told.map(({ call }) => call.arguments['text']).sort()).toEqual([...texts].sort());
  });

  it('Are asked about nothing else.', async () => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (const method of ['server/discover', 'tools/list', 'resources/list', 'prompts/list']) {
      expect((await caller.answer(1, method)).result).toBeDefined();
    }
    await caller.listen();
    const headers = { 'mcp-method': 'tools/list' };
    expect((await caller.call(1, 'echo', 'x', { headers })).status).toBe(400);
    expect(log.asked).toEqual([]);
    expect(log.told).toEqual([]);
  });

  it('Hear of both eras, and which it was.', async () => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    const session = await openSession(world, TOKENS.acme);
    await answerOf(await session.call(1, 'echo', 'in a session'));
    await new StatelessCaller(world, TOKENS.acme).textOf(1, 'echo', 'without one');
    expect(log.asked).toMatchObject([
      { era: 'session', sessionId: session.id },
      { era: 'stateless', name: 'echo' },
    ]);
    const [first, second] = log.asked.map(({ principal }) => principal);
    expect(second).toEqual(first);
  });

  it('Of the tessera are asked before those of the tenant, and told after them.', async () => {
    const order: string[] = [];
    const named = (name: string): CallHooks => ({
      beforeCall: (call) => {
        order.push(`${name} before ${call.name}`);
        return Promise.resolve({ state: `state of ${name}` });
      },
      afterCall: (call, state) => {
        order.push(`${name} after ${call.name} with ${String(state)}`);
      },
    });
    const world = await wideWorld(named('tessera'), { hooks: named('tenant') });
    await new StatelessCaller(world, TOKENS.acme).textOf(1, 'echo', 'x');
    expect(order).toEqual([
      'tessera before echo',
      'tenant before echo',
      'tenant after echo with state of tenant',
      'tessera after echo with state of tessera',
    ]);
  });

  it('Hold a call back until they have decided.', async () => {
    const thinking = gate<{ state: string }>();
    const log = new HookLog(() => thinking.passed);
    const world = await wideWorld(log.hooks);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const answer = caller.call(1, 'hold', 'later');
    await log.untilAsked();
    expect((await caller.answer(2, 'tools/list')).result).toBeDefined();
    expect(world.acme.held).toEqual([]);
    expect(world.tessera.getStats().callsInFlight).toBe(1);
    thinking.open({ state: 'charged' });
    (await world.acme.untilHeld('later')).release();
    expect(textOf(await answerOf(await answer))).toBe('later');
    expect((await log.onlyEnd()).state).toBe('charged');
  });

  it('Answer with a result in the place of the server, which does not hear of the call.', async () => {
    const result = {
      content: [{ type: 'text', text: 'from the ledger' }],
      structuredContent: { paid: true },
    };
    const log = new HookLog(() => ({ answer: { result }, state: 7 }));
    const world = await wideWorld(log.hooks);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const answer = await answerOf(await caller.call('mine', 'hold', 'never'));
    expect(answer).toMatchObject({
      jsonrpc: '2.0',
      id: 'mine',
      result: { ...result, resultType: 'complete' },
    });
    expect(world.acme.held).toEqual([]);
    expect(await log.onlyEnd()).toMatchObject({ state: 7, outcome: { status: 'answered', by: 'hook' } });
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  });

  it('Answer with an error, which the client gets as it is.', async () => {
    const error = { code: -32010, message: 'No credits left.', data: { needed: 3 } };
    const log = new HookLog(() => ({ answer: { error } }));
    const world = await wideWorld(log.hooks);
    const caller = new StatelessCaller(world, TOKENS.acme);
    expect(await answerOf(await caller.call('mine', 'hold', 'never'))).toEqual({
      jsonrpc: '2.0',
      id: 'mine',
      error,
    });
    expect(world.acme.held).toEqual([]);
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'failed', by: 'hook', error });
  });

  it('That throw stop the call, and what they threw is hidden from the caller.', async () => {
    const log = new HookLog(() => {
      throw new Error('the ledger is down');
    });
    const world = await wideWorld(log.hooks);
    const answer = await new StatelessCaller(world, TOKENS.acme).call(1, 'hold', 'never');
    const text = await answer.text();
    expect(text).not.toContain('ledger');
    expect(text).toContain('-32603');
    expect(world.acme.held).toEqual([]);
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'failed' });
    const errors = world.events('transportError');
    expect(errors).toMatchObject([{ tenantId: 'acme', era: 'stateless' }]);
    expect(errors[0]).not.toHaveProperty('sessionId');
    expect(errors[0]?.error.message).toContain('the ledger is down');
  });

  it.each([
    ['fail', { status: 'answered', by: 'server', result: { isError: true } }],
    ['throw', { status: 'answered', by: 'server', result: { isError: true } }],
  ])('Are told how a tool ended that did not do its work (%s).', async (name, outcome) => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    await new StatelessCaller(world, TOKENS.acme).answer(1, 'tools/call', { name, arguments: {} });
    expect((await log.onlyEnd()).outcome).toMatchObject(outcome);
  });

  it('Are told once each time a call comes back for an answer of its user.', async () => {
    const log = new HookLog();
    const server = (): ReturnType<typeof makeAskingServer> =>
      makeAskingServer(cell.sdk, { label: 'acme', booked: [] });
    const world = await createCell(cell, { hooks: log.hooks }, { server });
    const caller = new StatelessCaller(world, TOKENS.acme, { capabilities: { elicitation: {} } });
    const params = { name: 'book', arguments: { text: 'a' } };
    const { result } = await caller.answer(1, 'tools/call', params);
    expect(result?.resultType).toBe('input_required');
    const again = { ...params, inputResponses: SEAT_ANSWER, requestState: result?.requestState };
    expect((await caller.answer(2, 'tools/call', again)).result).toMatchObject({ resultType: 'complete' });
    expect(log.asked.map(({ name }) => name)).toEqual(['book', 'book']);
    expect(log.told.map(({ outcome }) => outcome.status)).toEqual(['answered', 'answered']);
  });

  it('Are told of calls whose token is removed, once.', async () => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    const waiting = new StatelessCaller(world, TOKENS.acme).call(1, 'hold', 'work');
    await world.acme.untilHeld('work');
    world.tessera.removeToken(TOKENS.acme);
    expect((await waiting).status).toBe(401);
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'ended', reason: 'revoked' });
  });

  it('Are told of calls at the end of the tessera, once.', async () => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    const waiting = new StatelessCaller(world, TOKENS.acme).call(1, 'hold', 'work');
    await world.acme.untilHeld('work');
    await world.tessera.close();
    await (await waiting).text();
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'ended', reason: 'stopped' });
  });
});
