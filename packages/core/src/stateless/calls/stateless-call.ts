import { callTimedOut, connectionClosed, internalError } from '../../errors/json-rpc-errors.js';
import { EMPTY_HEADERS, JSON_HEADERS, toAnswer, type ReportError } from '../../errors/to-answer.js';
import { outcomeOf, type CallEnd } from '../../hooks/call-outcome.js';
import type { HookRun } from '../../hooks/hook-run.js';
import type { Shaped } from '../../hooks/tool-policy.js';
import type { Usage } from '../../limits/usage.js';
import type { CountedText } from '../../servers/list-memory.js';
import { whenGone, type Answer, type AnswerHeaders, type EdgeRequest } from '../../shared/edge.js';
import type { Heartbeat } from '../../shared/heartbeat.js';
import type { JsonRpcId, JsonRpcMessage, JsonRpcRequest, JsonRpcResponse } from '../../shared/json-rpc.js';
import type { Principal, SessionEndReason } from '../../shared/model.js';
import { SseConnection, sseFrame, STREAM_HEADERS, type QueueBounds } from '../../shared/sse-connection.js';
import { toError } from '../../shared/values.js';

/** Who hears what becomes of a call. */
interface StatelessCallObserver {
  /** Once, when it is over: before its client hears of it. */
  readonly over: (call: StatelessCall, end: CallEnd) => void;
  /** Something could not be read or written. */
  readonly failed: (thrown: unknown) => void;
  /** The client read too slowly, and lost the connection. */
  readonly cut: () => void;
}

/** What all calls of an engine are made with. */
export interface StatelessCallParts {
  /** How much may wait for the client of a call. */
  readonly boundsOf: (call: StatelessCall) => QueueBounds;
  readonly heartbeat: Heartbeat;
  readonly monotonic: () => number;
  readonly observer: StatelessCallObserver;
}

/** What a call is. */
export interface NewStatelessCall {
  readonly principal: Principal;
  /** What it counts against. */
  readonly usage: Usage;
  /** What its client has sent. Where it is no request there is no id, and no method. */
  readonly request: JsonRpcRequest | undefined;
  readonly report: ReportError;
}

/**
 * One POST of the stateless era, from its arrival to its answer: one JSON body, or an event stream as soon as something else
 * must be said first or the answer is late. Its client cancels it by going away.
 */
export class StatelessCall {
  readonly answered: Promise<Answer>;
  readonly principal: Principal;
  readonly usage: Usage;
  readonly request: JsonRpcRequest | undefined;
  readonly startedAt: number;
  answeredBy: 'server' | 'hook' = 'server';
  /** Whether its server has been told of it. */
  delivered = false;
  /** The hooks that hear of its end, if there are any. */
  run: HookRun | undefined;
  /** What becomes of the request and of what the server says, where it is not shown as it is. */
  shaped: Shaped | undefined;
  /** Whether its server only knows sessions, and what it says of states is the bridge's. */
  bridged = false;
  /** Told when its client is not asked what a handler waits for. */
  onUnasked: (() => void) | undefined;
  /** Told when it is over before its server has answered. */
  onAbandoned: (() => void) | undefined;
  readonly #parts: StatelessCallParts;
  readonly #report: ReportError;
  /** Made when somebody asks for its signal. */
  #abort: AbortController | undefined;
  #abandoned: Error | undefined;
  #stopWatching: (() => void) | undefined;
  #resolve!: (answer: Answer) => void;
  #connection: SseConnection | undefined;
  #over = false;

  constructor(parts: StatelessCallParts, { principal, usage, request, report }: NewStatelessCall) {
    this.#parts = parts;
    this.#report = report;
    this.principal = principal;
    this.usage = usage;
    this.request = request;
    this.startedAt = parts.monotonic();
    this.answered = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    // A stream of changes is not late: it begins as one.
    if (request?.method !== 'subscriptions/listen') parts.heartbeat.watchAnswer(this);
  }

  /** Ends when its client goes away; only until its answer has begun, because the end of a stream is seen by its reader. */
  watch(request: EdgeRequest): void {
    this.#stopWatching = whenGone(request, () => {
      this.cancel();
    });
  }

  /** Whether nobody waits for an answer any more. */
  get over(): boolean {
    return this.#over;
  }

  /** Aborted when it is over before its server has answered. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abandoned !== undefined) this.#abort.abort(this.#abandoned);
    }
    return this.#abort.signal;
  }

  /** The id its client gave it; null where there is none. */
  get id(): JsonRpcId | null {
    return this.request?.id ?? null;
  }

  /** Bytes that wait for its client. */
  get waitingBytes(): number {
    return this.#connection?.waitingBytes ?? 0;
  }

  /**
   * Answers it.
   *
   * @param status of a response that is not a stream already
   * @param known the response as JSON, where it is written already
   */
  settle(response: JsonRpcResponse, status: number = 200, known?: CountedText): void {
    const text = known === undefined ? this.#serialize(response) : known.text;
    const shown = text === undefined ? internalError(response.id) : response;
    if (!this.#finish({ how: 'answered', response: shown })) return;
    this.#write(status, JSON_HEADERS, text ?? JSON.stringify(shown), known?.bytes);
  }

  /** Answers it with what somebody else has written, and says what the server has answered, if it was asked. */
  take(
    { status, headers, body }: { status: number; headers: AnswerHeaders; body: string },
    response?: JsonRpcResponse,
  ): void {
    if (!this.#finish(response === undefined ? { how: 'cancelled' } : { how: 'answered', response })) return;
    this.#write(status, { ...JSON_HEADERS, ...headers }, body);
  }

  /** Says something before the answer; false when the client can no longer get it. */
  send(message: JsonRpcMessage): boolean {
    const text = this.#serialize(message);
    if (text === undefined || this.#over) return false;
    this.upgrade();
    return this.#connection?.write(sseFrame(text)) ?? false;
  }

  /** Answers it with a stream that goes on by itself: the call is over. */
  answerWith(answer: Answer): void {
    const response: JsonRpcResponse = { jsonrpc: '2.0', id: this.id ?? 0, result: {} };
    if (this.#finish({ how: 'answered', response })) this.#begin(answer);
  }

  /** Bytes of an event stream that somebody else has written. */
  relay(bytes: Uint8Array): void {
    if (this.#over) return;
    this.upgrade();
    this.#connection?.write(bytes);
  }

  /** What was relayed is all. */
  endRelay(response: JsonRpcResponse | undefined): void {
    if (!this.#finish(response === undefined ? { how: 'cancelled' } : { how: 'answered', response })) return;
    if (this.#connection === undefined) this.#begin({ status: 200, headers: STREAM_HEADERS, body: '' });
    else this.#connection.close();
  }

  /** Turns the answer into a stream now. */
  upgrade(): void {
    if (this.#over || this.#connection !== undefined) return;
    const { boundsOf, heartbeat, observer } = this.#parts;
    heartbeat.unwatchAnswer(this);
    const connection: SseConnection = new SseConnection(
      boundsOf(this),
      (how) => {
        if (how === 'closed') return;
        if (how === 'overflow') observer.cut();
        this.cancel();
      },
      () => {
        heartbeat.unwatchStream(connection);
      },
    );
    this.#connection = connection;
    heartbeat.watchStream(connection);
    this.#begin({ status: 200, headers: STREAM_HEADERS, body: connection.body });
  }

  /** Its client has gone away. */
  cancel(): void {
    if (!this.#finish({ how: 'cancelled' })) return;
    this.#begin({ status: 499, headers: EMPTY_HEADERS, body: null });
    this.#connection?.close();
    this.#abandon('The client went away.');
  }

  /** It has taken longer than it may. */
  timeOut(): void {
    const response = callTimedOut(this.id ?? 0);
    if (!this.#finish({ how: 'timedOut', response })) return;
    this.#write(200, JSON_HEADERS, JSON.stringify(response));
    this.#abandon('The call took too long.');
  }

  /** Ends it: with `answer` where nothing has been said yet, else with "Connection closed". */
  end(reason: SessionEndReason, answer: Answer | undefined): void {
    if (!this.#finish({ how: 'ended', reason })) return;
    if (answer !== undefined && this.#connection === undefined) this.#begin(answer);
    else this.#write(200, JSON_HEADERS, JSON.stringify(connectionClosed(this.id ?? 0)));
    this.#abandon('Access was taken away, or the server stopped.');
  }

  /** Something has gone wrong that is not the client's to know in detail. */
  fail(thrown: unknown): void {
    if (this.#over) return;
    if (this.#connection !== undefined) {
      this.#parts.observer.failed(thrown);
      this.settle(internalError(this.id ?? 0));
      return;
    }
    const answer = toAnswer(thrown, this.#report, this.id);
    this.#finish({ how: 'answered', response: internalError(this.id ?? 0) });
    this.#begin(answer);
    this.#abandon('The call has failed.');
  }

  /** Cuts the connection of a client that reads too slowly. */
  cut(): void {
    this.#connection?.cut();
  }

  /** Gives its client an answer, or the beginning of one. */
  #begin(answer: Answer): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.#resolve(answer);
  }

  #abandon(reason: string): void {
    this.#abandoned = new Error(reason);
    this.#abort?.abort(this.#abandoned);
    this.onAbandoned?.();
  }

  #write(status: number, headers: AnswerHeaders, body: string, bytes?: number): void {
    if (this.#connection === undefined) {
      this.#begin(
        body === '' ? { status, headers: EMPTY_HEADERS, body: null } : { status, headers, body, bytes },
      );
      return;
    }
    if (body !== '') this.#connection.write(sseFrame(body));
    this.#connection.close();
  }

  /** Whether it was not over before. */
  #finish(end: CallEnd): boolean {
    if (this.#over) return false;
    this.#over = true;
    const { heartbeat, observer, monotonic } = this.#parts;
    heartbeat.unwatchAnswer(this);
    observer.over(this, end);
    this.run?.end(outcomeOf(this, end, monotonic()));
    return true;
  }

  #serialize(message: JsonRpcMessage): string | undefined {
    try {
      return JSON.stringify(message);
    } catch (thrown) {
      this.#parts.observer.failed(toError(thrown));
      return undefined;
    }
  }
}
