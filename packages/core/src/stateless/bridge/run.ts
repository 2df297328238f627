import type { MessageExtra } from '../../servers/transport.js';
import type {
  JsonRpcMessage,
  JsonRpcNotification,
  JsonRpcParams,
  JsonRpcRequest,
  JsonRpcResponse,
} from '../../shared/json-rpc.js';
import type { Timers } from '../../shared/platform.js';
import { HANDLER_META, withoutForged } from '../../shared/handler-meta.js';
import { isPlainObject, without } from '../../shared/values.js';
import { Questions, type Question } from './questions.js';
import {
  invalidState,
  STATE,
  wants,
  type Parking,
  type Round,
  type RoundAnswer,
  type Waiting,
} from './round.js';

/** What a run of a handler needs of its server. */
export interface RunParts {
  /** The id its request has there. */
  readonly id: number;
  readonly input: 'park' | 'replay' | 'refuse';
  readonly timers: Timers;
  readonly tell: (message: JsonRpcMessage, extra: MessageExtra) => void;
  /** It is over. `spoilt` when the handler may still be at it, or asks for something that will never come. */
  readonly over: (spoilt: boolean) => void;
}

const INTERNAL_ERROR = -32603;
const NOT_FOUND = /^MCP error -32602: Resource .* not found$/s;
const METHOD_NOT_FOUND = -32601;

/** What a handler is told that asks for more than can be kept waiting. */
const NO_ROOM =
  'Too many calls wait for answers of their clients. Try again later, or raise limits.parkedCalls.';
const REFUSED =
  'The server asks its client during a call, which is switched off here (stateless.input is "refuse").';

/** One run of a handler of SDK v1, from its first round to its result. It outlives a round when it waits for its client. */
export class Run implements Waiting {
  readonly #parts: RunParts;
  readonly #questions = new Questions();
  /** Answers that were given in earlier runs of the same call, in the order they were asked for. */
  #known: readonly unknown[] = [];
  /** What the client has brought along in this round, by key; each answers one question. */
  #brought = new Map<string, unknown>();
  #round: Round | undefined;
  #extra: MessageExtra;
  #answer: ((answer: RoundAnswer) => void) | undefined;
  #asking: unknown;
  #over = false;
  /** Where it waits for its client, while it does. */
  #parking: Parking | undefined;
  /** What it was started with. */
  readonly #asked: Pick<Round, 'method' | 'params'>;

  constructor(parts: RunParts, round: Round) {
    this.#parts = parts;
    this.#asked = round;
    this.#extra = round.extra;
  }

  /** Starts the handler. */
  start(round: Round): Promise<RoundAnswer> {
    const { state, responses } = round;
    if (state?.startsWith(STATE.replayed) === true) this.#known = knownOf(state, responses);
    const answered = this.#begin(round);
    const isFirst = state === undefined && Object.keys(responses).length === 0;
    const params = isFirst && round.params?.['_meta'] === undefined ? round.params : handlerParams(round);
    const { id, tell } = this.#parts;
    tell({ jsonrpc: '2.0', id, method: round.method, params: params ?? {} }, round.extra);
    return answered;
  }

  /** Its client has come back: hands over what it has answered, and waits for the result or the next question. */
  resume(round: Round): Promise<RoundAnswer> {
    this.#parking = undefined;
    if (this.#over || round.signal.aborted) {
      this.abandon('The call is over.');
      return Promise.resolve(invalidState());
    }
    const answered = this.#begin(round);
    for (const question of this.#questions.open) this.#giveBrought(question);
    // What was left out is asked again.
    if (this.#questions.open.length > 0) this.#askSoon();
    return answered;
  }

  /** Takes what its server says to it. */
  take(message: JsonRpcResponse | JsonRpcNotification | JsonRpcRequest): void {
    if (!('method' in message)) this.#end(message);
    else if ('id' in message) this.#ask(message);
    else if (message.method === 'notifications/cancelled')
      this.#questions.withdraw(message.params?.['requestId']);
    else this.#notify(message);
  }

  /** Nobody waits for it any more: its handler hears of it. */
  abandon(reason: string): void {
    if (this.#over) return;
    const { id, tell } = this.#parts;
    tell(
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } },
      this.#extra,
    );
    this.#finish(true, {
      error: { code: INTERNAL_ERROR, message: 'The call was given up before it was answered.' },
    });
  }

  /** Tells the client, by the progress token of the round that it waits in. */
  #notify(notification: JsonRpcNotification): void {
    const round = this.#round;
    if (round === undefined || !wants(round, notification)) return;
    if (notification.method !== 'notifications/progress') {
      round.notify(notification);
      return;
    }
    const progressToken = tokenOf(round);
    if (progressToken === undefined) return;
    round.notify({ ...notification, params: { ...notification.params, progressToken } });
  }

  #begin(round: Round): Promise<RoundAnswer> {
    this.#round = round;
    this.#extra = round.extra;
    const isReplayed = round.state?.startsWith(STATE.replayed) === true;
    this.#brought = new Map(isReplayed ? [] : Object.entries(round.responses));
    const onAbort = (): void => {
      if (this.#round === round) this.abandon('The call is over.');
    };
    return new Promise<RoundAnswer>((resolve) => {
      this.#answer = (answer) => {
        round.signal.removeEventListener('abort', onAbort);
        this.#round = undefined;
        this.#answer = undefined;
        resolve(answer);
      };
      if (round.signal.aborted) onAbort();
      else round.signal.addEventListener('abort', onAbort);
    });
  }

  #ask(request: JsonRpcRequest): void {
    const { tell, input } = this.#parts;
    const question = this.#questions.add(request);
    const known = this.#known[this.#questions.count - 1];
    if (question === undefined) {
      const error = {
        code: METHOD_NOT_FOUND,
        message: `Clients of MCP 2026-07-28 cannot be asked "${request.method}".`,
      };
      tell({ jsonrpc: '2.0', id: request.id, error }, this.#extra);
    } else if (isPlainObject(known)) this.#give(question, known);
    else if (this.#giveBrought(question)) return;
    else if (input === 'refuse') this.#finish(true, { error: { code: INTERNAL_ERROR, message: REFUSED } });
    else this.#askSoon();
  }

  /** In the next turn, so that questions that are asked together go together. */
  #askSoon(): void {
    this.#asking ??= this.#parts.timers.setTimeout(() => {
      this.#asking = undefined;
      this.#askClient();
    }, 0);
  }

  #askClient(): void {
    const { open } = this.#questions;
    if (this.#answer === undefined || open.length === 0) return;
    const state = this.#parts.input === 'replay' ? this.#replayState(open) : this.#parkedState();
    if (state === undefined) {
      for (const question of open) this.#refuse(question);
      return;
    }
    const inputRequests = Object.fromEntries(open.map(({ key, asked }) => [key, asked]));
    const answer = { result: { resultType: 'input_required', inputRequests, requestState: state } };
    if (this.#parts.input === 'replay') this.#finish(true, answer);
    else this.#answer(answer);
  }

  #parkedState(): string | undefined {
    this.#parking = this.#round?.park(this);
    return this.#parking === undefined ? undefined : STATE.parked + this.#parking.handle;
  }

  #replayState(open: readonly Question[]): string {
    const keys = open.map(({ key }) => key);
    return STATE.replayed + JSON.stringify({ known: this.#known, keys });
  }

  /** Answers a question with what the client has brought along for it, if it has. */
  #giveBrought(question: Question): boolean {
    const response = this.#brought.get(question.key);
    this.#brought.delete(question.key);
    if (!isPlainObject(response)) return false;
    this.#give(question, response);
    return true;
  }

  #give(question: Question, response: Record<string, unknown>): void {
    this.#questions.remove(question);
    this.#parts.tell({ jsonrpc: '2.0', id: question.id, result: response }, this.#extra);
  }

  #refuse(question: Question): void {
    this.#questions.remove(question);
    const error = { code: INTERNAL_ERROR, message: NO_ROOM };
    this.#parts.tell({ jsonrpc: '2.0', id: question.id, error }, this.#extra);
  }

  #end(response: JsonRpcResponse): void {
    if ('result' in response) this.#finish(false, { result: completed(response.result) });
    else this.#finish(false, { error: described(response.error, this.#asked) });
  }

  #finish(spoilt: boolean, answer: RoundAnswer): void {
    if (this.#over) return;
    this.#over = true;
    this.#parking?.leave();
    if (this.#asking !== undefined) this.#parts.timers.clearTimeout(this.#asking);
    this.#answer?.(answer);
    this.#parts.over(spoilt);
  }
}

/** What a handler is told besides what its client has sent. */
function handlerParams({ params, responses, state }: Round): JsonRpcParams {
  const sent = params?.['_meta'];
  const meta = {
    ...(isPlainObject(sent) ? withoutForged(sent) : {}),
    ...(Object.keys(responses).length === 0 ? {} : { [HANDLER_META.inputResponses]: responses }),
    ...(state?.startsWith(STATE.own) === true
      ? { [HANDLER_META.requestState]: state.slice(STATE.own.length) }
      : {}),
  };
  return {
    ...without(params ?? {}, ['_meta']),
    ...(Object.keys(meta).length === 0 ? {} : { _meta: meta }),
  };
}

function tokenOf({ params }: Round): unknown {
  const meta = params?.['_meta'];
  return isPlainObject(meta) ? meta['progressToken'] : undefined;
}

/** SDK v1 only says in words which resource there is none of; clients of this era look for its address (`data.uri`). */
function described(
  error: { readonly code: number; readonly message: string; readonly data?: unknown },
  { method, params }: Pick<Round, 'method' | 'params'>,
): typeof error {
  const uri = params?.['uri'];
  const isMissing = method === 'resources/read' && error.data === undefined && NOT_FOUND.test(error.message);
  return isMissing && typeof uri === 'string' ? { ...error, data: { uri } } : error;
}

/** A handler that asks has no result yet; the empty lists are SDK v1's. */
function completed(result: Record<string, unknown>): Record<string, unknown> {
  if (result['resultType'] !== 'input_required') return result;
  const { requestState } = result;
  const others = without(result, ['content', 'messages', 'contents', 'requestState']);
  return typeof requestState === 'string' ? { ...others, requestState: STATE.own + requestState } : others;
}

/** What earlier runs were answered, and what was answered since, up to the first that is missing. */
function knownOf(state: string, responses: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { known, keys } = JSON.parse(state.slice(STATE.replayed.length)) as {
    known: unknown[];
    keys: string[];
  };
  const missing = keys.findIndex((key) => !isPlainObject(responses[key]));
  const answered = missing === -1 ? keys : keys.slice(0, missing);
  return [...known, ...answered.map((key) => responses[key])];
}
