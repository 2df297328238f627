import type { JsonRpcRequest, JsonRpcResponse } from '../shared/json-rpc.js';
import { isPlainObject } from '../shared/values.js';
import type { CallHooks, ToolCaller } from './call-hooks.js';

/** How a request goes to the server, and its answer to the client. */
export interface Shaped {
  readonly request: JsonRpcRequest;
  readonly response: (response: JsonRpcResponse) => JsonRpcResponse;
}

/**
 * Which tools a caller may use: one decision for the list and for the call. To a call of a tool that is denied the server
 * gives its own answer for a tool it does not have, because it is asked for one under a name that nothing has.
 */
export class ToolPolicy {
  readonly #hooks: readonly CallHooks[];
  readonly #unknownName: string;
  readonly #onError: (thrown: unknown) => void;

  constructor(hooks: readonly CallHooks[], unknownName: string, onError: (thrown: unknown) => void) {
    this.#hooks = hooks;
    this.#unknownName = unknownName;
    this.#onError = onError;
  }

  /** Undefined for a request that has nothing to do with tools, or that may pass as it is. */
  shape(request: JsonRpcRequest, caller: ToolCaller): Shaped | undefined {
    const { method, params } = request;
    if (method === 'tools/list') return { request, response: (response) => this.#shownTo(caller, response) };
    const name = params?.['name'];
    if (method !== 'tools/call' || typeof name !== 'string' || this.#allows(name, caller)) return undefined;
    return {
      request: { ...request, params: { ...params, name: this.#unknownName } },
      response: (response) => this.#withName(response, name),
    };
  }

  #allows(tool: string, caller: ToolCaller): boolean {
    try {
      return this.#hooks.every((hooks) => hooks.allowTool?.(tool, caller) !== false);
    } catch (thrown) {
      this.#onError(thrown);
      return false;
    }
  }

  #shownTo(caller: ToolCaller, response: JsonRpcResponse): JsonRpcResponse {
    if (!('result' in response) || !Array.isArray(response.result['tools'])) return response;
    const tools = response.result['tools'].filter(
      (tool: unknown) => isPlainObject(tool) && this.#allows(String(tool['name']), caller),
    );
    return { ...response, result: { ...response.result, tools } };
  }

  /** Puts the name the client has used back in the place of the one the server was asked for. */
  #withName(response: JsonRpcResponse, name: string): JsonRpcResponse {
    const put = (_key: string, value: unknown): unknown =>
      typeof value === 'string' ? value.replaceAll(this.#unknownName, () => name) : value;
    return JSON.parse(JSON.stringify(response, put)) as JsonRpcResponse;
  }
}
