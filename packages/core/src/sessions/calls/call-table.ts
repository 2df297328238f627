import type { CallEnd } from '../../hooks/call-outcome.js';
import type { HookRun } from '../../hooks/hook-run.js';
import type { Shaped } from '../../hooks/tool-policy.js';
import type { Answer } from '../../shared/edge.js';
import type { CountedText } from '../../servers/list-memory.js';
import type { ServerLink } from '../../servers/transport.js';
import {
  responseWithId,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../../shared/json-rpc.js';
import type { Principal, SessionEndReason } from '../../shared/model.js';
import type { CallSink } from './exchange.js';
import { connectionClosed, internalError } from '../../errors/json-rpc-errors.js';

/** A request of the client that its server has not answered yet. */
export interface Call {
  /** The id the server knows it by: a number that the session never uses again. */
  readonly id: number;
  readonly request: JsonRpcRequest;
  /** Who made it: with another token, perhaps, than whoever has used the session since. */
  readonly principal: Principal;
  /** The instance it is for; while hooks are asked, another one can take its place. */
  transport: ServerLink;
  readonly sink: CallSink;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Whether the server has been told of it. */
  delivered: boolean;
  answeredBy: 'server' | 'hook';
  /** Its answer as JSON, where that is known already. */
  written?: CountedText | undefined;
  /** Takes the result where it is remembered for the next call. */
  remember?: ((result: Readonly<Record<string, unknown>>) => void) | undefined;
  /** The hooks that hear of its end, if there are any. */
  readonly run: HookRun | undefined;
  /** What becomes of what the server says, where it is not shown as it is. */
  readonly shaped: Omit<Shaped, 'request'> | undefined;
}

/** Who is told, once each, of every call that is over. */
export interface CallTableObserver {
  /** Before its client hears of it. */
  callEnded(call: Call, end: CallEnd): void;
  /** Afterwards. */
  callSettled(call: Call, end: CallEnd): void;
  /** Something of an answer could not be read, so its client gets an error instead. */
  report(thrown: unknown): void;
}

/** A call as it begins. */
export type NewCall = Omit<Call, 'id' | 'startedAt' | 'delivered' | 'answeredBy'>;

/**
 * The calls of a session that are in flight, each under an id of core's own. So two calls that the client gave
 * the same id never meet, and neither do calls of an old and a new server instance.
 */
export class CallTable {
  /** In the order they began. A session has a few at most, so they are looked through. */
  readonly #calls: Call[] = [];
  readonly #observer: CallTableObserver;
  #lastId = 0;

  constructor(observer: CallTableObserver) {
    this.#observer = observer;
  }

  get size(): number {
    return this.#calls.length;
  }

  /** @param startedAt monotonic milliseconds */
  open({ request, principal, transport, sink, run, shaped }: NewCall, startedAt: number): Call {
    this.#lastId += 1;
    const opened: Call = {
      id: this.#lastId,
      request,
      principal,
      transport,
      sink,
      startedAt,
      delivered: false,
      answeredBy: 'server',
      run,
      shaped,
    };
    this.#calls.push(opened);
    return opened;
  }

  /** The call a server means by an id of core's; a server may have turned the number into text. */
  get(id: JsonRpcId | null | undefined): Call | undefined {
    if (id === null || id === undefined) return undefined;
    const number = Number(id);
    for (const call of this.#calls) if (call.id === number) return call;
    return undefined;
  }

  /** The newest call in flight. */
  newest(): Call | undefined {
    return this.#calls.at(-1);
  }

  /** What a message of the server becomes because of the calls that are in flight. */
  shaped<Message extends JsonRpcMessage>(message: Message): Message {
    let shaped = message;
    for (const call of this.#calls) shaped = call.shaped?.meanwhile?.(shaped) ?? shaped;
    return shaped;
  }

  /** Calls that began before a time, in monotonic milliseconds. */
  startedBefore(time: number): Call[] {
    return this.#calls.filter(({ startedAt }) => startedAt <= time);
  }

  /** Whether a server instance has calls to finish. */
  areOpenOn(transport: ServerLink): boolean {
    for (const call of this.#calls) if (call.transport === transport) return true;
    return false;
  }

  /** Answers the calls of an instance that is gone; those it has not been told of go to the one that has taken its place. */
  settleAllOf(transport: ServerLink, successor: ServerLink | undefined): void {
    for (const call of [...this.#calls]) {
      if (call.transport !== transport) continue;
      if (!call.delivered && successor !== undefined) call.transport = successor;
      else this.settle(call, connectionClosed(call.id));
    }
  }

  settle(call: Call, answer: JsonRpcResponse, how: 'answered' | 'timedOut' = 'answered'): void {
    if (!this.#take(call)) return;
    const response = this.#shapedAnswer(call, answer);
    this.#observer.callEnded(call, { how, response });
    const written = response === answer ? call.written : undefined;
    const isWritten = call.sink.settle(responseWithId(response, call.request.id), written);
    // What could not be written the client does not have.
    this.#observer.callSettled(call, {
      how,
      response: isWritten === false ? internalError(call.id) : response,
    });
  }

  /** Takes out every call with that id of the client's, and returns them. */
  cancel(clientId: unknown): Call[] {
    const cancelled = this.#calls.filter((call) => call.request.id === clientId);
    for (const call of cancelled) {
      this.#take(call);
      const end: CallEnd = { how: 'cancelled' };
      this.#observer.callEnded(call, end);
      call.sink.drop();
      this.#observer.callSettled(call, end);
    }
    return cancelled;
  }

  /** Ends every call, with `answer` where nothing has been answered yet, else with "Connection closed". */
  abandonAll(answer: Answer | undefined, reason: SessionEndReason): void {
    const abandoned = this.#calls.splice(0);
    for (const call of abandoned) this.#abandon(call, answer, reason);
  }

  /** The same for the calls that somebody made who is not let in any more. Returns them. */
  abandonOf(isGone: (principal: Principal) => boolean, answer: Answer, reason: SessionEndReason): Call[] {
    const abandoned = this.#calls.filter(({ principal }) => isGone(principal));
    for (const call of abandoned) {
      this.#take(call);
      this.#abandon(call, answer, reason);
    }
    return abandoned;
  }

  /** Takes a call out; false when it was not there. */
  #take(call: Call): boolean {
    const index = this.#calls.indexOf(call);
    if (index !== -1) this.#calls.splice(index, 1);
    return index !== -1;
  }

  #abandon(call: Call, answer: Answer | undefined, reason: SessionEndReason): void {
    const end: CallEnd = { how: 'ended', reason };
    this.#observer.callEnded(call, end);
    call.sink.abandon(connectionClosed(call.request.id), answer);
    this.#observer.callSettled(call, end);
  }

  #shapedAnswer(call: Call, answer: JsonRpcResponse): JsonRpcResponse {
    try {
      return call.shaped?.response(answer) ?? answer;
    } catch (thrown) {
      this.#observer.report(thrown);
      return internalError(call.id);
    }
  }
}
