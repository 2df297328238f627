import type { Answer } from '../../shared/edge.js';
import type { JsonRpcMessage, JsonRpcResponse } from '../../shared/json-rpc.js';
import { internalError } from '../../errors/json-rpc-errors.js';
import type { Heartbeat } from '../../shared/heartbeat.js';
import type { CountedText } from '../../servers/list-memory.js';
import type { SessionHeaders } from '../session-headers.js';
import type { MessageStream } from '../streams/message-stream.js';
import type { SessionStreams } from '../streams/session-streams.js';

/** Where the answer of a call goes, and what the server sends because of the call. */
export interface CallSink {
  /**
   * The call was answered; the response has the client's own id. False when it cannot be written as JSON: then an error is.
   *
   * @param known the response as JSON, where it is written already
   */
  settle(response: JsonRpcResponse, known?: CountedText): boolean | undefined;
  /** The call will never be answered, because the client cancelled it. */
  drop(): void;
  /** Sends a message that belongs to the call; false when the client can no longer get it. */
  send(message: JsonRpcMessage): boolean;
  /**
   * The session has ended. A client that has seen nothing yet gets `answer`, if there is one; any other gets
   * `response`, an error with the client's own id.
   */
  abandon(response: JsonRpcResponse, answer: Answer | undefined): void;
}

/** Where nothing is answered: for notifications and answers of the client. */
export const NO_SINK: CallSink = Object.freeze({
  settle: () => undefined,
  drop: () => undefined,
  send: () => false,
  abandon: () => undefined,
});

/** What an exchange needs of its session. */
export interface ExchangeOwner {
  readonly headers: SessionHeaders;
  readonly heartbeat: Heartbeat;
  /** Asked for only when an answer becomes a stream. */
  readonly streams: Pick<SessionStreams, 'openAnswer' | 'endAnswer'>;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Told of a result that cannot be written as JSON. */
  report(thrown: unknown): void;
}

/**
 * One POST with at least one request in it. It is answered with one JSON body when all results are there before
 * anything else must be sent, and in time; otherwise it becomes an event stream, once, and stays one.
 */
export class Exchange implements CallSink {
  readonly answered: Promise<Answer>;
  readonly startedAt: number;
  readonly #owner: ExchangeOwner;
  readonly #batch: boolean;
  /** What is answered so far, as JSON. */
  readonly #responses: string[] = [];
  /** How long the last of them is, where that is known. */
  #bytes: number | undefined;
  #open: number;
  #resolve!: (answer: Answer) => void;
  #stream: MessageStream | undefined;
  #done = false;

  /** @param calls how many requests it carries; `batch` when they came as an array */
  constructor(owner: ExchangeOwner, calls: number, batch: boolean) {
    this.#owner = owner;
    this.#batch = batch;
    this.#open = calls;
    this.startedAt = owner.now;
    this.answered = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    owner.heartbeat.watchAnswer(this);
  }

  settle(response: JsonRpcResponse, known?: CountedText): boolean | undefined {
    if (this.#done) return undefined;
    const text = known === undefined ? this.#serialize(response) : known.text;
    this.#bytes = known?.bytes;
    const json = text ?? JSON.stringify(internalError(response.id));
    if (this.#stream === undefined) this.#responses.push(json);
    else this.#stream.send({ json });
    this.#closeOne();
    return text !== undefined;
  }

  drop(): void {
    if (!this.#done) this.#closeOne();
  }

  send(message: JsonRpcMessage): boolean {
    if (this.#done) return false;
    this.upgrade();
    return this.#stream?.send({ json: JSON.stringify(message) }) ?? false;
  }

  /** Turns the answer into a stream now; results that are there already go first. */
  upgrade(): void {
    if (this.#done || this.#stream !== undefined) return;
    const { headers, heartbeat, streams } = this.#owner;
    heartbeat.unwatchAnswer(this);
    const stream = streams.openAnswer();
    this.#stream = stream;
    this.#resolve({ status: 200, headers: headers.stream, body: stream.connect() });
    for (const json of this.#responses) stream.send({ json });
  }

  /** Ends the client's connection; it may come back for the rest. Only where streams can be resumed. */
  disconnect(): void {
    if (this.#done) return;
    this.upgrade();
    this.#stream?.disconnect();
  }

  abandon(response: JsonRpcResponse, answer: Answer | undefined): void {
    if (this.#done) return;
    if (this.#stream !== undefined || answer === undefined) {
      this.settle(response);
      return;
    }
    this.#done = true;
    this.#owner.heartbeat.unwatchAnswer(this);
    this.#resolve(answer);
  }

  #serialize(response: JsonRpcResponse): string | undefined {
    try {
      return JSON.stringify(response);
    } catch (thrown) {
      this.#owner.report(thrown);
      return undefined;
    }
  }

  #closeOne(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#done = true;
    this.#owner.heartbeat.unwatchAnswer(this);
    if (this.#stream === undefined) this.#resolve(this.#jsonAnswer());
    else this.#owner.streams.endAnswer(this.#stream);
  }

  #jsonAnswer(): Answer {
    const { headers } = this.#owner;
    const [first] = this.#responses;
    // Every request was cancelled: a stream that ends at once is the one answer all clients take in silence.
    if (first === undefined) return { status: 200, headers: headers.stream, body: '' };
    if (this.#batch) return { status: 200, headers: headers.json, body: `[${this.#responses.join(',')}]` };
    return { status: 200, headers: headers.json, body: first, bytes: this.#bytes };
  }
}
