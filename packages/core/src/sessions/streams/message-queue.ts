import { isNotification, isRequest, type JsonRpcMessage } from '../../shared/json-rpc.js';

interface Waiting {
  readonly message: JsonRpcMessage;
  readonly json: string;
}

const NONE: readonly JsonRpcMessage[] = [];

/** What a server says while nobody listens: messages, bounded in number and size. The oldest give way. */
export class MessageQueue {
  readonly #maximumLength: number;
  readonly #maximumMessages: number;
  #waiting: Waiting[] = [];
  #length = 0;

  /** @param maximumLength characters of JSON that may wait */
  constructor(maximumLength: number, maximumMessages: number) {
    this.#maximumLength = maximumLength;
    this.#maximumMessages = maximumMessages;
  }

  add(message: JsonRpcMessage): void {
    if (this.#isRepeated(message)) return;
    const json = JSON.stringify(message);
    this.#waiting.push({ message, json });
    this.#length += json.length;
    while (this.#waiting.length > this.#maximumMessages || this.#length > this.#maximumLength) {
      this.#length -= this.#waiting.shift()?.json.length ?? this.#length;
    }
  }

  /** Takes back a question that nobody has seen yet; false when it is not there. */
  remove(id: number): boolean {
    const others = this.#waiting.filter(({ message }) => !(isRequest(message) && message.id === id));
    if (others.length === this.#waiting.length) return false;
    this.#set(others);
    return true;
  }

  /** Takes the questions out of the queue and returns them. */
  takeQuestions(): readonly JsonRpcMessage[] {
    if (this.#waiting.length === 0) return NONE;
    const questions = this.#waiting.filter(({ message }) => isRequest(message));
    if (questions.length > 0) this.#set(this.#waiting.filter(({ message }) => !isRequest(message)));
    return questions.map(({ message }) => message);
  }

  /** Empties the queue and returns what was in it, as JSON. */
  takeAll(): string[] {
    const taken = this.#waiting.map(({ json }) => json);
    this.#set([]);
    return taken;
  }

  /** That a list has changed need not be said twice. */
  #isRepeated(message: JsonRpcMessage): boolean {
    if (!isNotification(message) || !message.method.endsWith('/list_changed')) return false;
    return this.#waiting.some(
      ({ message: other }) => isNotification(other) && other.method === message.method,
    );
  }

  #set(waiting: Waiting[]): void {
    this.#waiting = waiting;
    this.#length = waiting.reduce((sum, { json }) => sum + json.length, 0);
  }
}
