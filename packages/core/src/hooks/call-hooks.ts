import type { Era, Principal, SessionEndReason } from '../shared/model.js';

/** The methods that hooks are asked about: those that a customer may be charged for. */
export type HookedMethod = 'tools/call' | 'resources/read' | 'prompts/get';

/** A call, as hooks see it. */
export interface HookedCall {
  readonly tenantId: string;
  readonly principal: Principal;
  /** Which era's rules it came by. */
  readonly era: Era;
  /** Missing in the stateless era. */
  readonly sessionId?: string;
  readonly method: HookedMethod;
  /** The name of the tool or prompt, or the address of the resource. */
  readonly name: string;
  /** The arguments as the client sent them; empty for a resource. Nothing has checked them yet. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What a call is answered with: as in JSON-RPC, a result or an error. */
export type HookAnswer =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } };

/** What `beforeCall` may say. */
export interface BeforeCall<State = unknown> {
  /** Answers the call in the server's place, which then does not hear of it. */
  readonly answer?: HookAnswer;
  /** Handed to `afterCall`. */
  readonly state?: State;
}

/** How a call ended. `durationMs` is counted from its arrival. */
export type CallOutcome = { readonly durationMs: number } & (
  | {
      readonly status: 'answered';
      /** A tool that failed says so by `isError: true` in here. */
      readonly result: Readonly<Record<string, unknown>>;
      readonly by: 'server' | 'hook';
    }
  | {
      readonly status: 'failed';
      readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
      readonly by: 'server' | 'hook';
    }
  /** The client has cancelled it. */
  | { readonly status: 'cancelled' }
  /** It took longer than `limits.callMs`. */
  | { readonly status: 'timedOut' }
  /** Its session has ended; in the stateless era, its caller has lost access, or the tessera stopped. */
  | { readonly status: 'ended'; readonly reason: SessionEndReason }
);

/** Who wants to use a tool. */
export interface ToolCaller {
  readonly tenantId: string;
  readonly principal: Principal;
  readonly era: Era;
}

/** Something, or nothing: what a function that returns nothing gives is good enough. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- an async function without a value returns Promise<void>
type Said<Value> = Value | undefined | void;

/**
 * What a program wants to know of calls, and decide about them. All are optional. What one of them throws is told as
 * `transportError`, and no caller sees it.
 */
export interface CallHooks<State = unknown> {
  /**
   * Asked before a call of a tool, a resource or a prompt goes to its server. One that throws or rejects stops the call: it
   * is answered with an internal error.
   */
  beforeCall?(call: HookedCall): Said<BeforeCall<State>> | Promise<Said<BeforeCall<State>>>;
  /**
   * Told exactly once for each `beforeCall`, however the call ended, when both are over. Nobody waits for it.
   *
   * @param state what `beforeCall` has given; undefined when it gave none, or threw
   */
  afterCall?(call: HookedCall, state: State | undefined, outcome: CallOutcome): void | Promise<void>;
  /**
   * Whether a caller may use a tool. It decides what `tools/list` shows, and a call of any other is answered as the server
   * answers a tool that it does not have; `beforeCall` is asked all the same, and may refuse it, but not answer it with a
   * result. Anything but `true` denies, and so does one that throws: it cannot be a promise.
   */
  allowTool?(tool: string, caller: ToolCaller): boolean;
}

/** The names of the hooks. */
export const HOOK_NAMES: readonly (keyof CallHooks)[] = ['beforeCall', 'afterCall', 'allowTool'];
