import type { BeforeCall } from '@tessera-mcp/core';

import { HookLog } from './hook-log.js';
import type { DecisionName, Step } from './hook-steps.js';
import { notification, request } from './messages.js';
import { openSession, type TestSession } from './session.js';
import { createWorld, newToken, type Setting, type World } from './world.js';

type CallStep = Extract<Step, { do: 'call' }>;

interface CallInFlight {
  readonly id: number;
  readonly session: TestSession;
  readonly leave: () => void;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What is given as the state of a call that hooks of this name let go on. */
export const stateOf = (name: string): string => `state of ${name}`;

/** One run through a sequence of steps, with hooks on the tessera (`outer`) and on its tenant (`inner`). */
export class HookPlay {
  readonly outer: HookLog = new HookLog();
  readonly inner: HookLog = new HookLog();
  readonly #setting: Setting;
  readonly #sessions: TestSession[] = [];
  readonly #inFlight = new Set<CallInFlight>();
  /** Decisions that wait for their moment. */
  readonly #undecided: (() => void)[] = [];
  readonly #answers: Promise<unknown>[] = [];
  readonly #updates: Promise<unknown>[] = [];
  #world!: World;
  #lastId = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.outer.decide = ({ arguments: given }) => this.#decide(given['outer'], stateOf('outer'));
    this.inner.decide = ({ arguments: given }) => this.#decide(given['inner'], stateOf('inner'));
  }

  async begin(): Promise<void> {
    const sessions = { keepAliveMs: 40, upgradeAfterMs: 30 };
    const options = { hooks: this.outer.hooks, limits: { callMs: 60 }, sessions };
    this.#world = await createWorld(this.#setting, options, { hooks: this.inner.hooks });
    await this.#open();
  }

  async take(step: Step): Promise<void> {
    const { tessera, acme } = this.#world;
    if (step.do === 'open') await this.#open();
    else if (step.do === 'call') await this.#call(step);
    else if (step.do === 'wait') await pause(step.ms);
    else if (step.do === 'decide') takeOut(this.#undecided, step.at)?.();
    else if (step.do === 'release') takeOut(acme.held, step.at)?.release();
    else if (step.do === 'closeServer') await pick(acme.instances, step.at)?.server.close();
    else if (step.do === 'removeTenant') tessera.removeTenant('acme');
    else if (step.do === 'drain') await tessera.drain({ graceMs: 20 });
    else if (step.do === 'close') await tessera.close();
    else if (step.do === 'swap') this.#swap(step.sessions);
    else if (step.do === 'cancel' || step.do === 'leave') this.#endCall(step.do, step.at);
    else if (step.do === 'delete') void pick(this.#alive(), step.at)?.end();
    else tessera.removeToken(pick(this.#alive(), step.at)?.token ?? newToken());
  }

  /** Lets everything go on that still waits, and ends the rest. Resolves to what is left over. */
  async finish(): Promise<{ readonly unanswered: number; readonly callsInFlight: number }> {
    for (let turn = 0; turn < 3; turn += 1) {
      for (const decide of this.#undecided.splice(0)) decide();
      await pause(2);
    }
    for (const call of this.#world.acme.held) call.release();
    await pause(2);
    await this.#world.tessera.close();
    for (const decide of this.#undecided.splice(0)) decide();
    await Promise.race([Promise.all(this.#answers), pause(3000)]);
    await Promise.all(this.#updates);
    await pause(2);
    const { callsInFlight } = this.#world.tessera.getStats();
    return { unanswered: this.#inFlight.size, callsInFlight };
  }

  #decide(decision: unknown, state: string): BeforeCall | Promise<BeforeCall> {
    const answer = { result: { content: [] } };
    const later = (make: () => BeforeCall): Promise<BeforeCall> =>
      new Promise<void>((resolve) => this.#undecided.push(resolve)).then(make);
    const fail = (): never => {
      throw new Error(`This is ${String(decision)}.`);
    };
    const makers: Record<DecisionName, () => BeforeCall | Promise<BeforeCall>> = {
      pass: () => ({ state }),
      result: () => ({ answer, state }),
      error: () => ({ answer: { error: { code: -32042, message: 'No credits left.' } }, state }),
      throw: fail,
      reject: () => Promise.reject(new Error('This is a rejection.')),
      wait: () => later(() => ({ state })),
      waitAndAnswer: () => later(() => ({ answer, state })),
      waitAndReject: () => later(fail),
    };
    return makers[decision as DecisionName]();
  }

  /** Opens a session with a token of its own; the tenant is made anew when it has been removed. */
  async #open(): Promise<void> {
    const { tessera, acme } = this.#world;
    if (!tessera.ready()) return;
    if (tessera.getTenant('acme') === undefined) {
      const server = (): ReturnType<Setting['sdk']['make']> => this.#setting.sdk.make(acme);
      tessera.addTenant({ id: 'acme', server, hooks: this.inner.hooks });
    }
    const token = newToken();
    tessera.addToken('acme', token);
    this.#sessions.push(await openSession(this.#world, token, { capabilities: { elicitation: {} } }));
  }

  async #call({ at, tool, outer, inner }: CallStep): Promise<void> {
    if (this.#alive().length === 0) await this.#open();
    const session = pick(this.#alive(), at);
    if (session === undefined) return;
    this.#lastId += 1;
    const leaving = new AbortController();
    const call: CallInFlight = {
      id: this.#lastId,
      session,
      leave: () => {
        leaving.abort();
      },
    };
    this.#inFlight.add(call);
    const params = {
      name: tool,
      arguments: { text: String(call.id), outer, inner },
      ...(tool === 'steps' ? { _meta: { progressToken: call.id } } : {}),
    };
    const answered = session
      .post(request(call.id, 'tools/call', params), { signal: leaving.signal })
      .then((response) => response.text())
      .catch(() => 'the client has gone')
      .then(() => this.#inFlight.delete(call));
    this.#answers.push(answered);
  }

  #swap(sessions: 'swap' | 'drain' | 'end'): void {
    const { tessera, acme } = this.#world;
    const server = (): ReturnType<Setting['sdk']['make']> => this.#setting.sdk.make(acme);
    // It may be overtaken, or find the tenant removed.
    this.#updates.push(
      tessera.updateTenant('acme', { server }, { sessions, graceMs: 20 }).catch(() => undefined),
    );
  }

  #endCall(how: 'cancel' | 'leave', at: number): void {
    const call = pick([...this.#inFlight], at);
    if (call === undefined) return;
    if (how === 'leave') call.leave();
    else void call.session.post(notification('notifications/cancelled', { requestId: call.id }));
  }

  #alive(): TestSession[] {
    const alive = new Set(this.#world.tessera.getActiveSessions().map(({ sessionId }) => sessionId));
    return this.#sessions.filter(({ id }) => alive.has(id));
  }
}

function pick<Value>(values: readonly Value[], at: number): Value | undefined {
  return values.length === 0 ? undefined : values[at % values.length];
}

function takeOut<Value>(values: Value[], at: number): Value | undefined {
  return values.length === 0 ? undefined : values.splice(at % values.length, 1)[0];
}
