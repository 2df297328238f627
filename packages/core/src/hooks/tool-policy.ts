import type { JsonRpcMessage, JsonRpcRequest, JsonRpcResponse } from '../shared/json-rpc.js';
import { isPlainObject, isPromiseLike } from '../shared/values.js';
import type { CallHooks, ToolCaller } from './call-hooks.js';

/** How a request goes to the server, and what the server says to the client. */
export interface Shaped {
  readonly request: JsonRpcRequest;
  readonly response: (response: JsonRpcResponse) => JsonRpcResponse;
  /** Whether the caller may not make this call. */
  readonly denied: boolean;
  /** What else the server says while the call goes on. */
  readonly meanwhile?: <Message extends JsonRpcMessage>(message: Message) => Message;
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
    if (method === 'tools/list') {
      return { request, response: (response) => this.#shownTo(caller, response), denied: false };
    }
    const name = params?.['name'];
    if (method !== 'tools/call' || typeof name !== 'string' || this.#allows(name, caller)) return undefined;
    const withName = <Message extends JsonRpcMessage>(message: Message): Message =>
      renamed(message, this.#unknownName, name) as Message;
    return {
      request: { ...request, params: { ...params, name: this.#unknownName } },
      response: withName,
      meanwhile: withName,
      denied: true,
    };
  }

  #allows(tool: string, caller: ToolCaller): boolean {
    try {
      return this.#hooks.every((hooks) => this.#isYes(hooks.allowTool?.(tool, caller)));
    } catch (thrown) {
      this.#onError(thrown);
      return false;
    }
  }

  /** Nobody waits for a promise: it denies, and if it rejects, that is told like any other error. */
  #isYes(said: unknown): boolean {
    if (isPromiseLike(said)) {
      said.then(undefined, this.#onError);
      throw new TypeError('allowTool must say true or false at once; it gave a promise.');
    }
    return said === true;
  }

  #shownTo(caller: ToolCaller, response: JsonRpcResponse): JsonRpcResponse {
    if (!('result' in response) || !Array.isArray(response.result['tools'])) return response;
    const tools = response.result['tools'].filter(
      (tool: unknown) =>
        isPlainObject(tool) && typeof tool['name'] === 'string' && this.#allows(tool['name'], caller),
    );
    return { ...response, result: { ...response.result, tools } };
  }
}

/** The same value with one name in the place of another, wherever it stands. */
function renamed(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.replaceAll(from, () => (isJson(value) ? escaped(to) : to));
  if (Array.isArray(value)) return value.map((item) => renamed(item, from, to));
  // What says itself how it is written has no names that could be found here.
  if (!isPlainObject(value) || 'toJSON' in value) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key.replaceAll(from, () => to),
    renamed(item, from, to),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/** Whether a text holds an object or an array of its own, in which names are escaped. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function escaped(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}
