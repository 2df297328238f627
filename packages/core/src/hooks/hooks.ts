import { coreError } from '../errors/core-error.js';
import { checkNames } from '../shared/check-options.js';
import type { JsonRpcRequest } from '../shared/json-rpc.js';
import type { Era, Principal } from '../shared/model.js';
import { isPlainObject } from '../shared/values.js';
import { HOOK_NAMES, type CallHooks, type HookedCall, type HookedMethod } from './call-hooks.js';
import { HookRun } from './hook-run.js';
import { ToolPolicy, type Shaped } from './tool-policy.js';

/** Where a call comes from, and who hears of what hooks throw. */
export interface CallOrigin {
  readonly principal: Principal;
  readonly era: Era;
  /** Missing in the stateless era. */
  readonly sessionId?: string;
  readonly onError: (thrown: unknown) => void;
}

/** What each hooked method calls the thing it is about. */
const NAME_OF: Readonly<Record<HookedMethod, string>> = {
  'tools/call': 'name',
  'resources/read': 'uri',
  'prompts/get': 'name',
};

/** The hooks of a tessera and of one of its tenants, in this order. */
export class Hooks {
  readonly #around: readonly CallHooks[];
  readonly #policies: readonly CallHooks[];
  readonly #unknownName: string;
  /** Makes the names of different calls differ. */
  #asked = 0;

  private constructor(all: readonly CallHooks[], unknownName: string) {
    this.#around = all.filter((hooks) => hooks.beforeCall !== undefined || hooks.afterCall !== undefined);
    this.#policies = all.filter((hooks) => hooks.allowTool !== undefined);
    this.#unknownName = unknownName;
  }

  /** @param unknownName a name that no tool has; undefined is returned when there is nothing to ask */
  static of(hooks: readonly (CallHooks | undefined)[], unknownName: string): Hooks | undefined {
    const given = hooks.filter((one) => one !== undefined);
    return given.some((one) => HOOK_NAMES.some((name) => one[name] !== undefined))
      ? new Hooks(given, unknownName)
      : undefined;
  }

  /** What is to be asked and told about a call; undefined when nothing is. */
  runFor(
    { method, params }: JsonRpcRequest,
    { principal, era, sessionId, onError }: CallOrigin,
  ): HookRun | undefined {
    if (this.#around.length === 0 || !isHooked(method)) return undefined;
    const name = params?.[NAME_OF[method]];
    const given = params?.['arguments'];
    const call: HookedCall = {
      tenantId: principal.tenantId,
      principal,
      era,
      method,
      name: typeof name === 'string' ? name : '',
      arguments: isPlainObject(given) ? given : {},
    };
    if (sessionId !== undefined) (call as { sessionId?: string }).sessionId = sessionId;
    return new HookRun(this.#around, call, onError);
  }

  /** What a request and its answer become because of the tools the caller may use; undefined for no change. */
  shape(request: JsonRpcRequest, { principal, era, onError }: CallOrigin): Shaped | undefined {
    if (this.#policies.length === 0) return undefined;
    const caller = { tenantId: principal.tenantId, principal, era };
    this.#asked += 1;
    const unknownName = `${this.#unknownName}_${String(this.#asked)}_`;
    return new ToolPolicy(this.#policies, unknownName, onError).shape(request, caller);
  }
}

function isHooked(method: string): method is HookedMethod {
  return Object.hasOwn(NAME_OF, method);
}

/** @throws `invalid_option` for an unknown hook, or one that is no function */
export function checkHooks(prefix: string, hooks: CallHooks | undefined): CallHooks | undefined {
  if (hooks === undefined) return undefined;
  checkNames(prefix, hooks, HOOK_NAMES);
  for (const name of HOOK_NAMES) {
    if (hooks[name] === undefined || typeof hooks[name] === 'function') continue;
    throw coreError('invalid_option', `${prefix}${name} must be a function.`);
  }
  return hooks;
}
