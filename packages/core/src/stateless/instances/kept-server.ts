import type { MessageExtra } from '../../servers/transport.js';
import type { JsonRpcNotification, JsonRpcRequest, JsonRpcResponse } from '../../shared/json-rpc.js';
import type { Principal } from '../../shared/model.js';
import type { McpServerLike } from '../../shared/mcp-server.js';
import { listAnswer, type ListMemory } from '../../servers/list-memory.js';
import { closeQuietly } from '../../servers/server-maker.js';
import { isPromiseLike } from '../../shared/values.js';
import type { BridgedServer } from '../bridge/bridged-server.js';
import type { ParkedCalls } from '../bridge/parked-calls.js';
import type { Round, RoundAnswer } from '../bridge/round.js';
import type { CallMessages } from '../calls/call-messages.js';
import type { StatelessCall } from '../calls/stateless-call.js';
import type { PlainRequest } from '../plain-request.js';
import { KeptCall, type CallLine, type ServerAtCall } from './kept-call.js';
import type { ServerDescription } from './mark-server.js';
import type { ProductChecks } from './modern-product.js';
import type { StatelessTransport } from './stateless-transport.js';

/** What a server that is kept consists of. */
export interface KeptServerParts {
  /** For whom it was made. */
  readonly principal: Principal;
  readonly description: ServerDescription;
  readonly product: McpServerLike;
  readonly transport: StatelessTransport;
  readonly checks: ProductChecks | undefined;
  /** The server behind the product, where that only stands in front of one; it serves one call at a time. */
  readonly bridged: BridgedServer | undefined;
  /** The tools of a bridged server whose parameters travel in headers, as its front knows them: as JSON. */
  readonly headerTools?: string | undefined;
  /** Where handlers of a bridged server wait. */
  readonly parked?: ParkedCalls<KeptServer> | undefined;
  /** Its lists, if they may be remembered. */
  readonly memory: ListMemory | undefined;
}

/** A server that stays connected from one request to the next. */
export class KeptServer implements ServerAtCall {
  readonly principal: Principal;
  readonly description: ServerDescription;
  readonly bridged: BridgedServer | undefined;
  readonly memory: ListMemory | undefined;
  /** Whether it gets no more calls: it closes when its last one is over. */
  retired = false;
  /** The call that a bridged server is at. */
  call: StatelessCall | undefined;
  /** What a bridged server has answered to it already: its front is to say what becomes of that. */
  answer: RoundAnswer | undefined;
  /** Lets a handler of a bridged server wait for the client of the call that it is at. */
  readonly park: Round['park'];
  /** Told when nothing goes on in it any more. */
  onIdle: (server: KeptServer) => void = () => undefined;
  readonly #parts: KeptServerParts;
  #line: CallLine | undefined;
  #calls = 0;
  #closing = false;
  #held = false;
  /** Tools whose input schemas have been looked at: the SDK gives the same object as long as a schema stays. */
  readonly #plainSchemas = new WeakSet<object>();

  constructor(parts: KeptServerParts) {
    this.#parts = parts;
    this.principal = parts.principal;
    this.description = parts.description;
    this.bridged = parts.bridged;
    this.memory = parts.memory;
    this.park = (run) => this.call && parts.parked?.park(run, this.call, this);
  }

  /** Whether nothing goes on in it. */
  get idle(): boolean {
    return this.#calls === 0 && !this.#held && this.bridged?.busy !== true;
  }

  /** Whether it serves one call at a time. */
  get exclusive(): boolean {
    return this.bridged !== undefined;
  }

  /** Whether it has closed itself, or was closed. */
  get closed(): boolean {
    return this.#parts.transport.closed || this.bridged?.closed === true;
  }

  /** Whether nobody needs to look at a request before it gets it. */
  takes({ request, capability }: Pick<PlainRequest, 'request' | 'capability'>, authInfo: unknown): boolean {
    if (capability !== undefined && !(capability in this.description.capabilities)) return false;
    if (this.bridged !== undefined && this.bridged.headerTools === undefined) return false;
    const { checks } = this.#parts;
    if (checks === undefined) return true;
    const { name } = request.params;
    if (request.method === 'tools/call' && typeof name === 'string' && this.#hasHeaders(checks, name))
      return false;
    return !isChallenged(checks, request, authInfo);
  }

  /** Keeps it for a call that is about to come: it does not close before that. */
  hold(): void {
    this.#held = true;
  }

  /** That call has come, or will not come. */
  release(): void {
    this.#held = false;
    this.#rest();
  }

  /** Hands over a call that `takes` has let pass. */
  begin(call: StatelessCall, request: JsonRpcRequest, extra: MessageExtra, messages: CallMessages): void {
    const remembered = this.memory?.recall(request);
    if (remembered !== undefined) {
      const response: JsonRpcResponse = { jsonrpc: '2.0', id: request.id, result: remembered.result };
      messages.answered(call, response, (shown) => {
        if (shown === response) call.settle(shown, 200, listAnswer(request.id, remembered));
        else call.settle(shown);
      });
      this.#rest();
      return;
    }
    this.#calls += 1;
    this.call = call;
    call.bridged = this.exclusive;
    this.#line ??= { messages, server: this, transport: this.#parts.transport };
    messages.toServer(call, request, new KeptCall(call, request, extra, this.#line));
  }

  /** A call is over in it. */
  ended(): void {
    this.#calls -= 1;
    // A front that has not asked for it must not give it to the next call.
    this.answer = undefined;
    this.#rest();
  }

  /** It has said something that belongs to no call. */
  said({ method }: JsonRpcNotification): void {
    if (!method.endsWith('/list_changed')) return;
    this.memory?.forget();
    // What a handler has changed for its own call is not to be seen by the next one, which another client may make.
    if (!this.idle) this.retired = true;
    else if (this.bridged !== undefined && this.bridged.headerTools === undefined)
      void this.learnHeaderTools();
  }

  /** Closes it, and with it whatever goes on there. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.retired = true;
    this.bridged?.closeServer();
    closeQuietly(this.#parts.product);
    void this.#parts.transport.close();
  }

  /** Something is over in it: `spoilt` when it cannot be used any more. */
  settled(spoilt: boolean): void {
    if (spoilt) this.retired = true;
    this.#rest();
  }

  /** Finds out which tools have parameters in headers. Its front was made for those there were; with others, it is done. */
  async learnHeaderTools(): Promise<void> {
    await this.bridged?.learnHeaderTools();
    if (headerToolsOf(this.bridged) === this.#parts.headerTools) return;
    this.retired = true;
    this.#rest();
  }

  #rest(): void {
    if (!this.idle) return;
    this.call = undefined;
    this.onIdle(this);
  }

  #hasHeaders(checks: ProductChecks, name: string): boolean {
    // Without a way to look at the schema, the SDK itself is asked.
    if (checks.toolInputSchemaJson === undefined) return true;
    const schema = checks.toolInputSchemaJson(name);
    if (typeof schema !== 'object' || schema === null || this.#plainSchemas.has(schema)) return false;
    if (JSON.stringify(schema).includes('"x-mcp-header"')) return true;
    this.#plainSchemas.add(schema);
    return false;
  }
}

/** The tools of a bridged server whose parameters travel in headers, as JSON; undefined while they are not known. */
export function headerToolsOf(bridged: BridgedServer | undefined): string | undefined {
  return bridged?.headerTools && JSON.stringify([...bridged.headerTools]);
}

/** Whether a tool, prompt or resource wants more scopes than the caller has; what cannot be said at once, the SDK finds out. */
function isChallenged(checks: ProductChecks, request: JsonRpcRequest, authInfo: unknown): boolean {
  if (checks.resolveScopeChallenge === undefined) return true;
  try {
    const challenge = checks.resolveScopeChallenge({ request, authInfo });
    if (isPromiseLike(challenge)) challenge.then(undefined, () => undefined);
    return challenge !== undefined;
  } catch {
    return true;
  }
}
