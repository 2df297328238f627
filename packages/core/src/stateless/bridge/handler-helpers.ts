import { HANDLER_META } from '../../shared/handler-meta.js';
import { isPlainObject } from '../../shared/values.js';

/** A question to the client, as MCP 2026-07-28 puts it into a result. */
export interface InputRequest {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What a handler wants to know before it can answer. At least one of the two must be there. */
export interface InputRequiredOptions {
  /** What to ask, by keys of the handler's own under which the answers come back. */
  readonly inputRequests?: Readonly<Record<string, InputRequest>>;
  /**
   * What the client is to bring back with its answers. It is sealed on its way: no client can read or change it, or use it for
   * another call, and it lasts ten minutes.
   */
  readonly requestState?: string;
}

/** A result of SDK v1 that is none yet: it fits tools, prompts and resources. */
export interface InputRequired {
  readonly content: never[];
  readonly messages: never[];
  readonly contents: never[];
  readonly [key: string]: unknown;
}

/** What a handler gets as its last argument, as far as it matters here. */
export interface HandlerExtra {
  readonly _meta?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What a tool, a prompt or a resource of an SDK v1 server returns to ask its client something (MCP 2026-07-28, "Multi
 * round-trip requests"). The client calls again with the answers; see `inputResponses` and `requestState`. Only for clients of
 * the stateless era: in sessions, use `elicitInput` and its kin.
 */
export function inputRequired({ inputRequests, requestState }: InputRequiredOptions): InputRequired {
  const required = {
    resultType: 'input_required',
    ...(inputRequests === undefined ? {} : { inputRequests }),
    ...(requestState === undefined ? {} : { requestState }),
  };
  // The lists that SDK v1 wants its results to have would make this a result, so they are there for its types only.
  return required as unknown as InputRequired;
}

/** What the client has answered, by the keys it was asked under; empty in the first round. Nothing has checked it yet. */
export function inputResponses(extra: HandlerExtra): Readonly<Record<string, Record<string, unknown>>> {
  const responses = extra._meta?.[HANDLER_META.inputResponses];
  return isPlainObject(responses) ? (responses as Record<string, Record<string, unknown>>) : {};
}

/** The state that the round before has given the client; undefined in the first round. */
export function requestState(extra: HandlerExtra): string | undefined {
  const state = extra._meta?.[HANDLER_META.requestState];
  return typeof state === 'string' ? state : undefined;
}

/**
 * Names a question of an SDK v1 handler: `server.server.elicitInput({ ...form, ...askAs('email') })`. Clients of MCP 2026-07-28
 * see the key; without it, it is made of kind and number. It changes nothing in sessions.
 */
export function askAs(key: string): { readonly _meta: Readonly<Record<string, unknown>> } {
  return { _meta: { [HANDLER_META.key]: key } };
}
