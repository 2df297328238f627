import { internalError } from '../../errors/json-rpc-errors.js';
import type { HookAnswer } from '../../hooks/call-hooks.js';
import type { Hooks } from '../../hooks/hooks.js';
import type { SendOptions } from '../../servers/transport.js';
import {
  isNotification,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../../shared/json-rpc.js';
import type { Principal } from '../../shared/model.js';
import { isPlainObject } from '../../shared/values.js';
import type { RequestStateSeal, StateOwner } from '../request-state.js';
import { invalidState, STATE } from '../bridge/round.js';
import type { StatelessCall } from './stateless-call.js';

/** Methods whose answers can ask for more, and whose requests can bring a state back. */
const ASKING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Notifications that are for everybody who listens, and not for one call. */
const CHANGES = /^notifications\/(?:(tools|prompts|resources)\/list_changed|resources\/updated)$/;

/** Something that one can listen for has changed. */
export interface Change {
  readonly method: string;
  readonly uri: string | undefined;
  /** For whom the server was made that says so; undefined when its program says so. */
  readonly from: Principal | undefined;
}

/** What all messages of an engine go through with. */
export interface CallMessagesParts {
  readonly hooks: Hooks | undefined;
  readonly seal: RequestStateSeal;
  /** Whether results may be kept by caches that others share. */
  readonly publicCache: boolean;
  /** A server says that a list or a resource has changed. */
  readonly changed: (change: Change) => void;
  readonly failed: (thrown: unknown) => void;
}

/** Where messages of a call go. */
export interface CallEnds {
  /** To the server. */
  deliver(request: JsonRpcRequest): void;
  /** To the client, in the server's place. */
  reply(response: JsonRpcResponse): void;
}

/** What every message between client and server passes, whichever way it takes: hooks, sealed states, cache scopes. */
export class CallMessages {
  readonly #parts: CallMessagesParts;

  constructor(parts: CallMessagesParts) {
    this.#parts = parts;
  }

  /** Takes a request that nothing is wrong with to its server, unless a hook answers it. */
  toServer(call: StatelessCall, request: JsonRpcRequest, ends: CallEnds): void {
    const sealed = sealedIn(request);
    if (sealed === undefined) {
      this.#deliver(call, request, ends);
      return;
    }
    this.#parts.seal
      .open(sealed, ownerOf(call))
      .then((requestState) => {
        if (call.over) return;
        if (requestState === undefined) ends.reply({ jsonrpc: '2.0', id: request.id, ...invalidState() });
        else this.#deliver(call, { ...request, params: { ...request.params, requestState } }, ends);
      })
      .catch((thrown: unknown) => {
        call.fail(thrown);
      });
  }

  #deliver(call: StatelessCall, request: JsonRpcRequest, ends: CallEnds): void {
    const { hooks, failed } = this.#parts;
    call.run = hooks?.runFor(call.request ?? request, {
      principal: call.principal,
      era: 'stateless',
      onError: failed,
    });
    if (call.run === undefined) {
      call.delivered = true;
      ends.deliver(request);
      return;
    }
    const said = call.run.before();
    if (!(said instanceof Promise)) {
      this.#afterHooks(call, request, said, ends);
      return;
    }
    said
      .then((answer) => {
        this.#afterHooks(call, request, answer, ends);
      })
      .catch((thrown: unknown) => {
        call.fail(thrown);
      });
  }

  /** What an answer of the server becomes for its client; later, when there is something to seal. */
  answered(call: StatelessCall, response: JsonRpcResponse, use: (shown: JsonRpcResponse) => void): void {
    const shown = this.#downgraded(response);
    const state = stateIn(shown);
    if (state === undefined) {
      use(call.shaped?.response(shown) ?? shown);
      return;
    }
    this.#parts.seal
      .seal(state, ownerOf(call))
      .then((requestState) => {
        const result = 'result' in shown ? shown.result : {};
        const sealed: JsonRpcResponse = {
          jsonrpc: '2.0',
          id: response.id,
          result: { ...result, requestState },
        };
        return sealed;
      })
      .catch((thrown: unknown) => {
        this.#parts.failed(thrown);
        return internalError(response.id);
      })
      .then((sealed) => {
        use(call.shaped?.response(sealed) ?? sealed);
      })
      .catch((thrown: unknown) => {
        call.fail(thrown);
      });
  }

  /** What else a server says becomes for its client; undefined when it is not for this client alone. */
  said(
    call: StatelessCall,
    message: Exclude<JsonRpcMessage, JsonRpcResponse>,
    { relatedRequestId }: SendOptions = {},
  ): JsonRpcMessage | undefined {
    if (isNotification(message) && relatedRequestId === undefined) {
      this.tellChange(message, call.principal);
      return undefined;
    }
    return call.shaped?.meanwhile?.(message) ?? message;
  }

  /** The handle of a handler that a request wants to go on with, as far as it is this caller's. */
  async handleIn(call: StatelessCall): Promise<string | undefined> {
    const sealed = call.request && sealedIn(call.request);
    if (sealed === undefined) return undefined;
    const state = await this.#parts.seal.open(sealed, { ...ownerOf(call), by: 'bridge' });
    return state?.startsWith(STATE.parked) === true ? state.slice(STATE.parked.length) : undefined;
  }

  /** Tells everybody who listens, if it is something that one can listen for. */
  tellChange({ method, params }: Pick<JsonRpcNotification, 'method' | 'params'>, from?: Principal): void {
    const uri = params?.['uri'];
    if (CHANGES.test(method))
      this.#parts.changed({ method, uri: typeof uri === 'string' ? uri : undefined, from });
  }

  #afterHooks(
    call: StatelessCall,
    request: JsonRpcRequest,
    answer: HookAnswer | undefined,
    ends: CallEnds,
  ): void {
    if (call.over) return;
    const isBypass = call.shaped?.denied === true && answer !== undefined && 'result' in answer;
    if (answer === undefined || isBypass) {
      call.delivered = true;
      ends.deliver(request);
      return;
    }
    call.answeredBy = 'hook';
    const completed = 'result' in answer ? { result: complete(request.method, answer.result) } : answer;
    ends.reply({ jsonrpc: '2.0', id: request.id, ...completed });
  }

  #downgraded(response: JsonRpcResponse): JsonRpcResponse {
    const isPublic = 'result' in response && response.result['cacheScope'] === 'public';
    return isPublic && !this.#parts.publicCache
      ? { ...response, result: { ...response.result, cacheScope: 'private' } }
      : response;
  }
}

/** What a request brings back, if it is one that can. */
function sealedIn({ method, params }: JsonRpcRequest): string | undefined {
  const sealed = params?.['requestState'];
  return typeof sealed === 'string' && ASKING.has(method) ? sealed : undefined;
}

/** What a server wants its client to bring back. */
function stateIn(response: JsonRpcResponse): string | undefined {
  if (!('result' in response) || response.result['resultType'] !== 'input_required') return undefined;
  const { requestState } = response.result;
  return typeof requestState === 'string' ? requestState : undefined;
}

/** What a hook answers is no more than a program would write; the era wants results to say more of themselves. */
function complete(method: string, result: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const hints = method === 'resources/read' ? { ttlMs: 0, cacheScope: 'private' } : {};
  return { resultType: 'complete', ...hints, ...result };
}

function ownerOf({ principal, request, bridged }: StatelessCall): StateOwner {
  const { method = '', params = {} } = request ?? {};
  const name = isPlainObject(params) ? (params['name'] ?? params['uri']) : undefined;
  return {
    principal,
    method,
    name: typeof name === 'string' ? name : '',
    by: bridged ? 'bridge' : 'server',
  };
}
