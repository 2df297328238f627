import type { JsonRpcId, JsonRpcRequest } from '../../shared/json-rpc.js';
import { HANDLER_META } from '../../shared/handler-meta.js';
import { isPlainObject } from '../../shared/values.js';
import type { InputRequest } from './handler-helpers.js';

/** Something that a handler has asked, and waits for. */
export interface Question {
  /** What the client knows it by. */
  readonly key: string;
  /** The id its server has given it. */
  readonly id: JsonRpcId;
  readonly asked: InputRequest;
}

/** What clients can be asked, and how the keys of such questions begin. */
const KINDS: Readonly<Record<InputRequest['method'], string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

/** What a handler has asked so far, and what of it is not answered. */
export class Questions {
  readonly #open = new Map<string, Question>();
  #count = 0;

  get open(): readonly Question[] {
    return [...this.#open.values()];
  }

  /** How many were asked so far, answered or not. */
  get count(): number {
    return this.#count;
  }

  /** Takes a question of the server; undefined for something that clients cannot be asked. */
  add({ id, method, params = {} }: JsonRpcRequest): Question | undefined {
    if (!isQuestion(method)) return undefined;
    const { _meta: meta, ...others } = params;
    const { [HANDLER_META.key]: named, ...otherMeta } = isPlainObject(meta) ? meta : {};
    const wanted = typeof named === 'string' ? named : `${KINDS[method]}_${String(this.#count)}`;
    let key = wanted;
    for (let copy = 2; this.#open.has(key); copy += 1) key = `${wanted}_${String(copy)}`;
    const asked = {
      ...others,
      ...(Object.keys(otherMeta).length === 0 ? {} : { _meta: otherMeta }),
    };
    this.#count += 1;
    const question: Question = { key, id, asked: { method, params: asked } };
    this.#open.set(key, question);
    return question;
  }

  /** Takes out what has been answered. */
  remove({ key }: Question): void {
    this.#open.delete(key);
  }

  /** The server no longer wants to know. */
  withdraw(id: unknown): void {
    for (const question of this.#open.values()) if (question.id === id) this.#open.delete(question.key);
  }
}

function isQuestion(method: string): method is InputRequest['method'] {
  return Object.hasOwn(KINDS, method);
}
