import type { BeforeCall, CallHooks, CallOutcome, HookedCall } from '@tessera-mcp/core';
import { vi } from 'vitest';

/** A call that hooks were told is over. */
export interface ToldEnd {
  readonly call: HookedCall;
  readonly state: unknown;
  readonly outcome: CallOutcome;
}

/** What `beforeCall` may do in a test. */
export type Decision = (call: HookedCall) => BeforeCall | undefined | Promise<BeforeCall | undefined>;

const passOn: Decision = () => undefined;

/** Hooks that write down what they are asked and told. */
export class HookLog {
  readonly asked: HookedCall[] = [];
  readonly told: ToldEnd[] = [];
  /** Can be replaced while calls come in. */
  decide: Decision;

  constructor(decide: Decision = passOn) {
    this.decide = decide;
  }

  get hooks(): CallHooks {
    return {
      beforeCall: (call) => {
        this.asked.push(call);
        return this.decide(call);
      },
      afterCall: (call, state, outcome) => {
        this.told.push({ call, state, outcome });
      },
    };
  }

  /** Waits until `beforeCall` has been asked so often. */
  async untilAsked(times = 1): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.asked.length < times) throw new Error(`Asked ${String(this.asked.length)} times only.`);
      },
      { timeout: 5000, interval: 5 },
    );
  }

  /** Waits for the end of the only call there was, and for a while after it, in which no second end may be told. */
  async onlyEnd(): Promise<ToldEnd> {
    await vi.waitFor(
      () => {
        if (this.told.length === 0) throw new Error('No end was told.');
      },
      { timeout: 5000, interval: 5 },
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    const [end, second] = this.told;
    if (end === undefined || second !== undefined || this.asked.length !== 1) {
      throw new Error(`Asked ${String(this.asked.length)} times, told ${String(this.told.length)} times.`);
    }
    return end;
  }
}

/** Something that waits until the test lets it go on. */
export interface Gate<Value> {
  readonly passed: Promise<Value>;
  readonly open: (value: Value) => void;
  readonly fail: (reason: Error) => void;
}

export function gate<Value>(): Gate<Value> {
  let open!: (value: Value) => void;
  let fail!: (reason: Error) => void;
  const passed = new Promise<Value>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open, fail };
}
