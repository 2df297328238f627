import type { CallHooks } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { HookLog } from './helpers/hook-log.js';
import { request, textOf, toolCall } from './helpers/messages.js';
import { openSession } from './helpers/session.js';
import { answerOf } from './helpers/streams.js';
import { makeWide } from './helpers/wide-server.js';
import { createWorld, SETTINGS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const errorsOf = (world: World): string[] => world.events('transportError').map(({ error }) => error.message);

describe.each(SETTINGS)('Hooks before and after calls ($name)', (setting) => {
  const wideWorld = async (hooks: CallHooks): Promise<World> => {
    const world = await createWorld(setting, { hooks });
    await world.tessera.updateTenant('acme', { server: () => makeWide(setting.sdk, world.acme) });
    return world;
  };

  it.each([
    {
      method: 'tools/call',
      params: { name: 'echo', arguments: { text: 'hello' } },
      seen: { name: 'echo', arguments: { text: 'hello' } },
    },
    {
      method: 'resources/read',
      params: { uri: 'memo://one' },
      seen: { name: 'memo://one', arguments: {} },
    },
    { method: 'prompts/get', params: { name: 'greet' }, seen: { name: 'greet', arguments: {} } },
  ])('Are asked about $method, and told what the client was answered.', async ({ method, params, seen }) => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    const session = await openSession(world, TOKENS.acme);
    const { result } = await answerOf(await session.post(request(1, method, params)));
    const { call, outcome } = await log.onlyEnd();
    expect(call).toBe(log.asked[0]);
    expect(call).toMatchObject({ tenantId: 'acme', era: 'session', sessionId: session.id, method, ...seen });
    expect(outcome).toMatchObject({ status: 'answered', by: 'server' });
    expect(outcome).toHaveProperty('result', result);
    expect(result).toBeDefined();
    expect(outcome.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('Are asked about nothing else.', async () => {
    const log = new HookLog();
    const world = await wideWorld(log.hooks);
    const session = await openSession(world, TOKENS.acme);
    for (const method of ['ping', 'tools/list', 'resources/list', 'prompts/list']) {
      expect((await answerOf(await session.post(request(method, method)))).result).toBeDefined();
    }
    await answerOf(await session.post(request(5, 'logging/setLevel', { level: 'error' })));
    expect(log.asked).toEqual([]);
    expect(log.told).toEqual([]);
  });

  it('Hear who is calling, and nothing of the token itself.', async () => {
    const log = new HookLog();
    const world = await createWorld(setting, { hooks: log.hooks });
    await answerOf(await (await openSession(world, TOKENS.acme)).call(1, 'echo'));
    await answerOf(await (await openSession(world, TOKENS.sibling)).call(1, 'echo'));
    await answerOf(await (await openSession(world, TOKENS.globex)).call(1, 'echo'));
    expect(log.asked.map(({ tenantId }) => tenantId)).toEqual(['acme', 'acme', 'globex']);
    expect(log.asked.map(({ principal }) => principal.tenantId)).toEqual(['acme', 'acme', 'globex']);
    const callers = log.asked.map(({ principal }) => [principal.tokenId, principal.fingerprint]);
    const sessions = world.events('sessionCreated');
    expect(callers).toEqual(sessions.map(({ tokenId, fingerprint }) => [tokenId, fingerprint]));
    expect(new Set(callers.map(([tokenId]) => tokenId)).size).toBe(3);
    const everything = JSON.stringify([log.asked, log.told]);
    for (const token of Object.values(TOKENS)) expect(everything).not.toContain(token);
  });

  it('Of the tessera are asked before those of the tenant, and told after them.', async () => {
    const order: string[] = [];
    const named = (name: string): CallHooks => ({
      beforeCall: async (call) => {
        order.push(`${name} before ${call.name}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`${name} has decided`);
        return { state: `state of ${name}` };
      },
      afterCall: (call, state) => {
        order.push(`${name} after ${call.name} with ${String(state)}`);
      },
    });
    const world = await createWorld(setting, { hooks: named('tessera') }, { hooks: named('tenant') });
    await answerOf(await (await openSession(world, TOKENS.acme)).call(1, 'echo'));
    await answerOf(await (await openSession(world, TOKENS.globex)).call(1, 'whoami'));
    expect(order).toEqual([
      'tessera before echo',
      'tessera has decided',
      'tenant before echo',
      'tenant has decided',
      'tenant after echo with state of tenant',
      'tessera after echo with state of tessera',
      'tessera before whoami',
      'tessera has decided',
      'tessera after whoami with state of tessera',
    ]);
  });

  it('Hold a call back until they have decided.', async () => {
    let decide: () => void = () => undefined;
    const log = new HookLog(
      () =>
        new Promise((resolve) => {
          decide = () => {
            resolve({ state: 'charged' });
          };
        }),
    );
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'later');
    await log.untilAsked();
    expect(textOf(await answerOf(await session.post(request(2, 'ping'))))).toBeUndefined();
    expect(world.acme.held).toEqual([]);
    expect(world.tessera.getStats().callsInFlight).toBe(1);
    decide();
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
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const answer = await answerOf(await session.call('mine', 'hold', 'never'));
    expect(answer).toEqual({ jsonrpc: '2.0', id: 'mine', result });
    expect(world.acme.held).toEqual([]);
    expect(await log.onlyEnd()).toMatchObject({
      state: 7,
      outcome: { status: 'answered', by: 'hook', result },
    });
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  });

  it('Answer with an error, which the client gets as it is.', async () => {
    const error = { code: -32042, message: 'No credits left.', data: { needed: 3 } };
    const log = new HookLog(() => ({ answer: { error } }));
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const response = await session.call(9, 'hold', 'never');
    expect(response.status).toBe(200);
    expect(await answerOf(response)).toEqual({ jsonrpc: '2.0', id: 9, error });
    expect(world.acme.held).toEqual([]);
    expect((await log.onlyEnd()).outcome).toMatchObject({ status: 'failed', by: 'hook', error });
  });

  it('Are not asked, and not told, once hooks before them have answered.', async () => {
    const first = new HookLog(() => ({ answer: { result: { content: [] } } }));
    const second = new HookLog();
    const world = await createWorld(setting, { hooks: first.hooks }, { hooks: second.hooks });
    await answerOf(await (await openSession(world, TOKENS.acme)).call(1, 'echo'));
    await first.onlyEnd();
    expect(second.asked).toEqual([]);
    expect(second.told).toEqual([]);
  });

  it.each([
    {
      how: 'throws',
      beforeCall: (): never => {
        throw new Error('ledger is down');
      },
    },
    { how: 'rejects', beforeCall: () => Promise.reject(new Error('ledger is down')) },
    { how: 'answers with nonsense', beforeCall: () => ({ answer: { outcome: 'fine' } }) as never },
  ])('Stop a call when beforeCall $how, and its caller sees no reason.', async ({ how, beforeCall }) => {
    const log = new HookLog(beforeCall);
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme);
    const response = await session.call(1, 'hold', 'never');
    const body = await response.text();
    expect(response.status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ jsonrpc: '2.0', id: 1, error: { code: -32603 } });
    expect(body).not.toContain('ledger');
    expect(world.acme.held).toEqual([]);
    const { state, outcome } = await log.onlyEnd();
    expect(state).toBeUndefined();
    expect(outcome).toMatchObject({ status: 'failed', by: 'hook', error: { code: -32603 } });
    if (how !== 'answers with nonsense') expect(errorsOf(world)).toEqual(['ledger is down']);
    else expect(errorsOf(world)).toHaveLength(1);
  });

  it.each([
    {
      how: 'throws',
      afterCall: (): never => {
        throw new Error('ledger is down');
      },
    },
    { how: 'rejects', afterCall: () => Promise.reject(new Error('ledger is down')) },
  ])(
    'Do no harm when afterCall $how: others are told, and the caller has its answer.',
    async ({ afterCall }) => {
      const outer = new HookLog();
      const inner = vi.fn(afterCall);
      const world = await createWorld(setting, { hooks: outer.hooks }, { hooks: { afterCall: inner } });
      const session = await openSession(world, TOKENS.acme);
      expect(textOf(await answerOf(await session.call(1, 'echo', 'hello')))).toBe('hello');
      expect((await outer.onlyEnd()).outcome.status).toBe('answered');
      expect(inner).toHaveBeenCalledTimes(1);
      expect(errorsOf(world)).toEqual(['ledger is down']);
      expect(textOf(await answerOf(await session.call(2, 'echo', 'again')))).toBe('again');
    },
  );

  it('Nobody waits for afterCall.', async () => {
    const afterCall = vi.fn(() => new Promise<void>(() => undefined));
    const world = await createWorld(setting, { hooks: { afterCall } });
    const session = await openSession(world, TOKENS.acme);
    expect(textOf(await answerOf(await session.call(1, 'echo', 'hello')))).toBe('hello');
    expect(world.tessera.getStats().callsInFlight).toBe(0);
    await session.end();
    expect(afterCall).toHaveBeenCalledTimes(1);
  });

  it('Are asked about each call of a batch.', async () => {
    const log = new HookLog(({ arguments: given }) => ({ state: given['text'] }));
    const world = await createWorld(setting, { hooks: log.hooks });
    const session = await openSession(world, TOKENS.acme, { version: '2025-03-26' });
    const batch = [toolCall(1, 'echo', 'one'), request(2, 'ping'), toolCall(1, 'echo', 'two')];
    expect((await session.post(batch)).status).toBe(200);
    await vi.waitFor(() => {
      expect(log.told.map(({ state }) => state).sort()).toEqual(['one', 'two']);
    });
    for (const { call, state } of log.told) expect(call.arguments['text']).toBe(state);
  });

  it('That do not exist, or are no functions, are refused by name.', async () => {
    const world = await createWorld(setting);
    const add = (hooks: unknown) => (): void => {
      world.tessera.addTenant({
        id: 'another',
        server: () => setting.sdk.make(world.acme),
        hooks: hooks as CallHooks,
      });
    };
    expect(add({ beforeCal: () => undefined })).toThrow(/hooks\.beforeCal.*is unknown.*beforeCall/);
    expect(add({ afterCall: 'log it' })).toThrow(/hooks\.afterCall must be a function/);
    expect(world.tessera.getTenant('another')).toBeUndefined();
  });
});
