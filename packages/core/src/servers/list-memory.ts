import type { JsonRpcId, JsonRpcRequest } from '../shared/json-rpc.js';
import { innerServer, type McpServerLike } from '../shared/mcp-server.js';
import type { Clock } from '../shared/platform.js';

/** A list as its server gave it. */
export interface RememberedList {
  readonly result: Readonly<Record<string, unknown>>;
  /** The same as JSON. */
  readonly text: string;
  /** How long that is in UTF-8. */
  readonly bytes: number;
}

/** An answer as JSON whose length is known, because to count its bytes would take longer than all else. */
export interface CountedText {
  readonly text: string;
  /** Missing where it is not known after all. */
  readonly bytes: number | undefined;
}

const ASCII = /^[\x20-\x7e]*$/;

/** The answer to a request for a list that is remembered. */
export function listAnswer(id: JsonRpcId, { text, bytes }: RememberedList): CountedText {
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`;
  return { text: `${head}${text}}`, bytes: ASCII.test(head) ? head.length + bytes + 1 : undefined };
}

const encoder = new TextEncoder();

/** For how long lists are remembered. */
export interface ListMemoryOptions {
  readonly clock: Clock;
  /** Milliseconds; 0 remembers nothing. */
  readonly rememberListsMs: number;
  /** Whether they never change by themselves, so that those of any server are remembered without limit. */
  readonly staticLists: boolean;
}

const LISTS: ReadonlySet<string> = new Set(['tools/list', 'prompts/list', 'resources/templates/list']);

/**
 * The lists of one server instance, so that it need not convert all its schemas for each client that asks. They are
 * forgotten when it says that they have changed, and after a while in any case, because it need not say so.
 */
export class ListMemory {
  readonly #lists = new Map<string, RememberedList & { readonly until: number }>();
  readonly #clock: Clock;
  readonly #maximumAgeMs: number;
  /** Changes whenever something is forgotten: what was asked before is not to be remembered after. */
  #generation = 0;

  /** @param maximumAgeMs milliseconds above 0 */
  constructor(clock: Clock, maximumAgeMs: number) {
    this.#clock = clock;
    this.#maximumAgeMs = maximumAgeMs;
  }

  /**
   * The memory of a server; undefined where its lists are not remembered. A low-level server may give each caller another
   * list, so it is asked each time, unless its lists were declared static.
   */
  static of(made: McpServerLike, options: ListMemoryOptions): ListMemory | undefined {
    const { clock, rememberListsMs, staticLists } = options;
    const maximumAgeMs = staticLists ? Infinity : rememberListsMs;
    const isHighLevel = typeof (made as { registerTool?: unknown }).registerTool === 'function';
    return maximumAgeMs > 0 && (isHighLevel || staticLists) ? new ListMemory(clock, maximumAgeMs) : undefined;
  }

  /** The answer to a request, if it is remembered. */
  recall({ method, params }: Pick<JsonRpcRequest, 'method' | 'params'>): RememberedList | undefined {
    if (params !== undefined && 'cursor' in params) return undefined;
    const list = this.#lists.get(method);
    return list !== undefined && list.until > this.#clock.monotonic() ? list : undefined;
  }

  /** Takes the answer to a request that is being asked; undefined where it is not to be remembered. */
  expect({
    method,
    params,
  }: Pick<JsonRpcRequest, 'method' | 'params'>):
    ((result: Readonly<Record<string, unknown>>) => void) | undefined {
    if (!LISTS.has(method) || (params !== undefined && 'cursor' in params)) return undefined;
    const generation = this.#generation;
    return (result) => {
      if (generation !== this.#generation || 'nextCursor' in result) return;
      try {
        const until = this.#clock.monotonic() + this.#maximumAgeMs;
        const text = JSON.stringify(result);
        this.#lists.set(method, { result, text, bytes: encoder.encode(text).length, until });
      } catch {
        // What cannot be written as JSON is an error of this one answer.
      }
    };
  }

  forget(): void {
    this.#generation += 1;
    this.#lists.clear();
  }

  /** Forgets when a server is given another handler, of which it says nothing. Only once it is connected. */
  watch(made: McpServerLike): void {
    const inner = innerServer(made) as { setRequestHandler?: (...given: unknown[]) => unknown };
    const { setRequestHandler } = inner;
    if (typeof setRequestHandler !== 'function') return;
    Reflect.set(inner, 'setRequestHandler', (...given: unknown[]) => {
      this.forget();
      return setRequestHandler.apply(inner, given);
    });
  }
}
