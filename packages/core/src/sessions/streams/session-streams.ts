import { coreError } from '../../errors/core-error.js';
import type { JsonRpcMessage } from '../../shared/json-rpc.js';
import type { Heartbeat } from '../../shared/heartbeat.js';
import type { Principal } from '../../shared/model.js';
import type { EventPosition } from './event-ids.js';
import { MessageQueue } from './message-queue.js';
import { MessageStream, type MessageStreamParts, type Resumption } from './message-stream.js';
import type { Missed, ResumableStreams, StreamHistory } from './stream-history.js';
import { writtenOf } from './written.js';

/** How the streams of sessions are. */
export interface StreamOptions {
  /** Bytes that may wait for one reader. */
  readonly queuedBytes: number;
  /** Milliseconds after which a client that lost its connection should come back. */
  readonly retryMs: number;
  /** Missing where streams cannot be resumed. */
  readonly resumable: ResumableStreams | undefined;
}

/** Whose streams they are. */
export interface StreamOwner {
  /** Whether its client knows how to come back to a stream whose connection the server has ended. */
  readonly resumable: boolean;
  readonly heartbeat: Heartbeat;
  /** Begins to keep what is said; undefined where streams cannot be resumed. Called when it is needed first. */
  beginHistory(): StreamHistory | undefined;
  /** Told of each GET that opened a stream (1) and of its end (-1). */
  streamCountChanged(change: 1 | -1): void;
  /** More bytes wait for the client, or fewer (a negative number). False when that is too much. */
  queueChanged(bytes: number): boolean;
  /** The client reads too slowly, and its connection was cut. */
  streamOverflowed(): void;
}

/** A GET that wants a stream. */
export interface StreamOpening {
  readonly principal: Principal;
  /** How many streams of the session may be open. */
  readonly maximum: number;
  /** Asked before a stream is opened that had to wait for the log; it throws when none may be opened any more. */
  readonly readmit: () => void;
}

/** What answers a GET. */
type StreamBody = ReadableStream<Uint8Array>;

/** How many streams without a connection are kept for clients that come back; older ones give way. */
const KEPT_WITHOUT_CONNECTION = 4;

/** Messages that wait while no GET is open; more for clients that can come back, which are expected to. */
const QUEUED_MESSAGES = 32;
const QUEUED_FOR_THOSE_WHO_COME_BACK = 1000;

/** Kinds of streams, as the first letter of their names says: those that a GET opened, and answers to a POST. */
const STANDALONE = 'g';
const ANSWER = 'p';

/**
 * The streams of one session: those that GETs have opened for what the server says of its own accord, and the answers to
 * POSTs that became streams. Several GETs may be open; each message goes to the newest only (MCP 2025-11-25, "Multiple
 * Connections"). What is said while none is open waits for the next one.
 */
export class SessionStreams {
  readonly #owner: StreamOwner;
  readonly #parts: MessageStreamParts;
  #history: StreamHistory | undefined;
  #queuedBytes = 0;
  /** Streams that were opened by a GET, the newest last. */
  #standalone: MessageStream[] = [];
  /** Answers that are not complete yet. */
  readonly #answers = new Map<string, MessageStream>();
  /** Streams that a GET is connected to, the oldest first. */
  readonly #gets: MessageStream[] = [];
  /** Who has opened each of them. */
  readonly #holders = new WeakMap<MessageStream, Principal>();
  readonly #queue: MessageQueue;
  #lastNumber = 0;
  #closed = false;

  constructor(owner: StreamOwner, { queuedBytes, retryMs, resumable }: StreamOptions) {
    this.#owner = owner;
    this.#parts = {
      heartbeat: owner.heartbeat,
      queuedBytes,
      retryMs,
      history: () => (this.#history ??= owner.beginHistory()),
      primes: () => owner.resumable,
      onQueued: (bytes) => this.#count(bytes),
      onOverflow: () => {
        owner.streamOverflowed();
      },
    };
    this.#queue = new MessageQueue(
      queuedBytes,
      resumable === undefined ? QUEUED_MESSAGES : QUEUED_FOR_THOSE_WHO_COME_BACK,
    );
  }

  /** How many GETs are open. */
  get size(): number {
    return this.#gets.length;
  }

  /** Answers a GET with a new stream, ending the oldest one when there would be too many. */
  open(opening: StreamOpening): StreamBody {
    return this.#connectGet(this.#make(STANDALONE), opening);
  }

  /**
   * Answers a GET of a client that has lost its connection and says what it has seen last: with what came after it in that
   * stream, and what is still to come. Anything but an id that this session gave out, and about which there is something
   * to say, is answered with a new stream.
   *
   * @returns null when nothing is left to say, or when everything has ended while the log was read
   */
  resume(lastEventId: string, opening: StreamOpening): StreamBody | null | Promise<StreamBody | null> {
    const history = this.#parts.history();
    const position = history?.positionOf(lastEventId);
    if (history === undefined || position === undefined) return this.open(opening);
    const missed = history.after(position);
    if (missed instanceof Promise) {
      return this.#resumeLater(position, missed, opening);
    }
    return this.#resumeAt(position, missed, opening);
  }

  /** Makes the stream of an answer, until `endAnswer` says that the answer is complete. */
  openAnswer(): MessageStream {
    const stream = this.#make(ANSWER);
    this.#answers.set(stream.key, stream);
    return stream;
  }

  /** An answer is complete. */
  endAnswer(stream: MessageStream): void {
    this.#answers.delete(stream.key);
    stream.end();
  }

  /** Sends to the newest stream that a GET has open; false when none is. */
  send(message: JsonRpcMessage): boolean {
    const newest = this.#standalone.findLast(({ connected }) => connected);
    return newest?.send(writtenOf(message)) ?? false;
  }

  /** Keeps a message for the next stream. */
  queue(message: JsonRpcMessage): void {
    this.#queue.add(message);
  }

  /** Takes out the questions that wait for a stream, when none is open. */
  takeQuestions(): readonly JsonRpcMessage[] {
    return this.#gets.length === 0 ? this.#queue.takeQuestions() : [];
  }

  /** Takes back a question that nobody has seen yet; false when it is not there. */
  unqueue(id: number): boolean {
    return this.#queue.remove(id);
  }

  /** Ends the connection of the newest stream that a GET has open; its client may come back. */
  disconnectNewest(): void {
    this.#standalone.findLast(({ connected }) => connected)?.disconnect();
  }

  /** Ends the GET that is open longest; false when none is. Its client may come back. */
  endOldest(): boolean {
    const [oldest] = this.#gets;
    oldest?.disconnect();
    return oldest !== undefined;
  }

  /** Bytes that wait for the slowest of its readers. */
  get mostWaitingBytes(): number {
    return this.#slowest()?.waitingBytes ?? 0;
  }

  /** Cuts the connection for which most waits. Its client may come back. */
  cutSlowest(): void {
    this.#slowest()?.cut();
  }

  /** Whether a GET with that id takes the place of one that is open. */
  takesPlace(lastEventId: string | null): boolean {
    const position = lastEventId === null ? undefined : this.#history?.positionOf(lastEventId);
    return position !== undefined && this.#gets.some(({ key }) => key === position.stream);
  }

  /** Ends the GETs that somebody has opened who is not let in any more, saying a last thing first, if there is one. */
  endOf(isGone: (principal: Principal) => boolean, lastFrame?: string): void {
    for (const stream of [...this.#gets]) {
      const holder = this.#holders.get(stream);
      if (holder === undefined || !isGone(holder)) continue;
      if (lastFrame !== undefined) stream.sendFirst(lastFrame);
      stream.disconnect();
    }
  }

  /** Ends all GETs; the session may go on. */
  closeGets(lastFrame?: string): void {
    this.endOf(() => true, lastFrame);
  }

  /** Ends everything: the session is over. */
  close(lastFrame?: string): void {
    this.#queue.takeAll();
    this.closeGets(lastFrame);
    for (const stream of this.#answers.values()) this.endAnswer(stream);
    this.#standalone = [];
    this.#closed = true;
    this.#history?.forget();
    // Whatever nobody reads any more must not count for ever.
    this.#owner.queueChanged(-this.#queuedBytes);
    this.#queuedBytes = 0;
  }

  #count(bytes: number): boolean {
    if (this.#closed) return true;
    if (!this.#owner.queueChanged(bytes)) return false;
    this.#queuedBytes += bytes;
    return true;
  }

  #make(kind: string): MessageStream {
    this.#lastNumber += 1;
    return new MessageStream(kind + this.#lastNumber.toString(36), this.#parts);
  }

  #connectGet(stream: MessageStream, { maximum, principal }: StreamOpening, from?: Resumption): StreamBody {
    // A client that comes back takes the place of the connection it has lost, whether that was noticed or not.
    stream.disconnect();
    while (this.#gets.length >= maximum) this.endOldest();
    this.#gets.push(stream);
    this.#holders.set(stream, principal);
    this.#owner.streamCountChanged(1);
    const body = stream.connect(() => {
      this.#gets.splice(this.#gets.indexOf(stream), 1);
      this.#owner.streamCountChanged(-1);
    }, from);
    if (this.#closed) stream.end();
    else if (stream.key.startsWith(STANDALONE)) {
      this.#remember(stream);
      for (const json of this.#queue.takeAll()) stream.sendFirst(json);
    }
    return body;
  }

  #resumeAt({ stream: key, seq }: EventPosition, found: Missed, opening: StreamOpening): StreamBody | null {
    const live = this.#find(key);
    if (!this.#wasMade(key)) return this.open(opening);
    const missed = found ?? [];
    // To somebody who can have it later, an answer must not seem to be gone.
    if (live === undefined && key.startsWith(ANSWER) && found === undefined) throw logFailed();
    // Nothing is left of an answer and nothing will come: with another stream its client would have one too many.
    if (live === undefined && key.startsWith(ANSWER) && missed.length === 0) return null;
    const isKnown = live === undefined ? missed.length > 0 : seq <= live.seq;
    if (!isKnown) return this.open(opening);
    const stream = live ?? new MessageStream(key, this.#parts, missed.at(-1)?.seq);
    const body = this.#connectGet(stream, opening, { seq, missed });
    // What is left of an answer that is complete ends with its last message.
    if (live === undefined && key.startsWith(ANSWER)) stream.end();
    return body;
  }

  /**
   * With a log that takes its time, more may have been said until it has answered, and an answer may be complete. Nothing
   * is awaited between the last look and the connection, so that nothing is said in between.
   */
  async #resumeLater(
    position: EventPosition,
    first: Promise<Missed>,
    opening: StreamOpening,
  ): Promise<StreamBody | null> {
    const { stream } = position;
    const connect = (all: Missed): StreamBody | null => {
      if (this.#closed) return null;
      opening.readmit();
      return this.#resumeAt(position, all, opening);
    };
    let wasLive = this.#find(stream) !== undefined;
    const found = await first;
    if (found === undefined) return connect(undefined);
    const missed = [...found];
    for (;;) {
      const seq = missed.at(-1)?.seq ?? position.seq;
      const live = this.#find(stream);
      const isAll = live === undefined ? !wasLive : seq >= live.seq;
      if (isAll) return connect(missed);
      wasLive = live !== undefined;
      const more = (await this.#parts.history()?.after({ stream, seq })) ?? [];
      if (more.length === 0 && wasLive) return connect(missed);
      missed.push(...more);
    }
  }

  #slowest(): MessageStream | undefined {
    const all = [...this.#gets, ...this.#answers.values()];
    return all.reduce<MessageStream | undefined>(
      (slowest, stream) => (stream.waitingBytes > (slowest?.waitingBytes ?? 0) ? stream : slowest),
      undefined,
    );
  }

  #wasMade(key: string): boolean {
    return Number.parseInt(key.slice(1), 36) <= this.#lastNumber;
  }

  #find(key: string): MessageStream | undefined {
    return this.#answers.get(key) ?? this.#standalone.find((stream) => stream.key === key);
  }

  /** Puts a stream last, as the newest, and lets go of some that nobody has come back to. */
  #remember(stream: MessageStream): void {
    const others = this.#standalone.filter((other) => other !== stream);
    const left = others.filter(({ connected }) => !connected).slice(0, -KEPT_WITHOUT_CONNECTION);
    this.#standalone = [...others.filter((other) => !left.includes(other)), stream];
  }
}

function logFailed(): Error {
  return coreError('internal_error', 'The event log could not be read.');
}
