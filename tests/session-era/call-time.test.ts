import type { Limits } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { gate, HookLog } from './helpers/hook-log.js';
import { notification, request, textOf, toolCall, type Message } from './helpers/messages.js';
import { openSession } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf, EventReader, mediaType } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

/** The error of a call that took too long. */
const TIMEOUT = { code: -32000, message: 'The call took longer than it may.' };

const LONG = 60_000;
const SHORT = 60;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(SETTINGS)('A call that takes longer than it may ($name)', (setting) => {
  /** A short keep-alive makes the tessera look after its calls often. */
  const worldOf = (limits: Partial<Limits>): Promise<World> =>
    createWorld(setting, { limits, sessions: { keepAliveMs: 40 } });

  it('Is answered with an error, its handler is told, and its place is free.', async () => {
    const world = await worldOf({ callMs: SHORT, calls: 1 });
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call('mine', 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    const response = await answer;
    expect([response.status, mediaType(response)]).toEqual([200, 'application/json']);
    expect(await answerOf(response)).toEqual({ jsonrpc: '2.0', id: 'mine', error: TIMEOUT });
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
    });
    expect(textOf(await answerOf(await session.call(2, 'echo', 'again')))).toBe('again');
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 1 });
  });

  it('Is told so in its stream, which ends.', async () => {
    const world = await worldOf({ callMs: SHORT });
    const session = await openSession(world, TOKENS.acme);
    const stream = new EventReader(await session.post(toolCall(5, 'holdWithProgress', 'work', 'p')));
    await stream.untilEnd();
    expect(stream.messages.map(({ method }) => method)).toEqual(['notifications/progress', undefined]);
    expect(stream.messages.at(-1)).toEqual({ jsonrpc: '2.0', id: 5, error: TIMEOUT });
  });

  it('Has no second answer when its handler finishes after all.', async () => {
    const world = await worldOf({ callMs: SHORT });
    const session = await openSession(world, TOKENS.acme);
    const listening = await session.listen();
    const answer = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    expect((await answerOf(await answer)).error).toEqual(TIMEOUT);
    call.release();
    await session.post(notification('notifications/cancelled', { requestId: 1 }));
    expect(textOf(await answerOf(await session.call(1, 'echo', 'same id')))).toBe('same id');
    expect(listening.messages).toEqual([]);
  });

  it('Does not take others with it.', async () => {
    const world = await worldOf({ callMs: LONG });
    await world.tessera.updateTenant('globex', { limits: { callMs: SHORT } });
    const patient = (await openSession(world, TOKENS.acme)).call(1, 'hold', 'patient');
    const call = await world.acme.untilHeld('patient');
    const hasty = await openSession(world, TOKENS.globex);
    expect((await answerOf(await hasty.call(1, 'hold', 'hasty'))).error).toEqual(TIMEOUT);
    await pause(SHORT);
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await patient))).toBe('patient');
  });

  it('Is measured by the limit of the moment, which may change during the call.', async () => {
    const world = await worldOf({});
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    await pause(2 * SHORT);
    expect(call.signal.aborted).toBe(false);
    await world.tessera.updateTenant('acme', { limits: { callMs: SHORT } });
    expect((await answerOf(await answer)).error).toEqual(TIMEOUT);
  });

  it('Leaves the other answers of its batch as they are.', async () => {
    const world = await worldOf({ callMs: SHORT });
    const session = await openSession(world, TOKENS.acme, { version: '2025-03-26' });
    const batch = [toolCall(1, 'hold', 'work'), toolCall(2, 'echo', 'quick'), request(3, 'ping')];
    const messages = (await (await session.post(batch)).json()) as Message[];
    const answers = new Map(messages.map((message) => [message.id, message]));
    expect(answers.size).toBe(3);
    expect(answers.get(1)?.error).toEqual(TIMEOUT);
    expect(textOf(answers.get(2) as Message)).toBe('quick');
    expect(answers.get(3)).toHaveProperty('result', {});
  });

  it('Ends on the server that has it, also when that was replaced, which closes then.', async () => {
    const world = await worldOf({ callMs: 4 * SHORT });
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    const old = vi.spyOn(world.acme.newest().server, 'close');
    await world.tessera.updateTenant('acme', { server: () => setting.sdk.make(new Stage('next')) });
    expect(textOf(await answerOf(await session.call(2, 'whoami')))).toBe('next');
    expect(old).not.toHaveBeenCalled();
    expect((await answerOf(await answer)).error).toEqual(TIMEOUT);
    await vi.waitFor(() => {
      expect(call.signal.aborted).toBe(true);
      expect(old).toHaveBeenCalled();
    });
  });

  it('Counts the time that hooks take, and does not reach the server when they decide too late.', async () => {
    const decision = gate<undefined>();
    const log = new HookLog(() => decision.passed);
    const world = await createWorld(setting, {
      hooks: log.hooks,
      limits: { callMs: SHORT },
      sessions: { keepAliveMs: 40 },
    });
    const session = await openSession(world, TOKENS.acme);
    expect((await answerOf(await session.call(1, 'hold', 'late'))).error).toEqual(TIMEOUT);
    decision.open(undefined);
    const { outcome } = await log.onlyEnd();
    expect(outcome.status).toBe('timedOut');
    expect(outcome.durationMs).toBeGreaterThanOrEqual(SHORT);
    expect(world.acme.held).toEqual([]);
  });

  it('Counts as a failed one among the calls of tools.', async () => {
    const world = await worldOf({ callMs: SHORT });
    const session = await openSession(world, TOKENS.acme);
    await answerOf(await session.call(1, 'hold', 'work'));
    expect(world.events('toolCalled')).toMatchObject([
      { tenantId: 'acme', sessionId: session.id, toolName: 'hold', success: false },
    ]);
  });
});
