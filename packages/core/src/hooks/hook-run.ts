import { coreErrors } from '../errors/core-errors.js';
import { isPlainObject, isPromiseLike } from '../shared/values.js';
import type { CallHooks, CallOutcome, HookAnswer, HookedCall } from './call-hooks.js';

/** One set of hooks that was asked about the call. */
interface Asked {
  readonly hooks: CallHooks;
  state: unknown;
}

/** The hooks of one call: all are asked in turn before it, and those that were asked are told how it ended. */
export class HookRun {
  readonly #hooks: readonly CallHooks[];
  readonly #call: HookedCall;
  readonly #onError: (thrown: unknown) => void;
  readonly #asked: Asked[] = [];
  #asking = true;
  #outcome: CallOutcome | undefined;

  constructor(hooks: readonly CallHooks[], call: HookedCall, onError: (thrown: unknown) => void) {
    this.#hooks = hooks;
    this.#call = call;
    this.#onError = onError;
  }

  /** Asks all hooks until one gives an answer, or the call has ended meanwhile. Never rejects. */
  async before(): Promise<HookAnswer | undefined> {
    let answer: HookAnswer | undefined;
    for (const hooks of this.#hooks) {
      if (answer !== undefined || this.#outcome !== undefined) break;
      const asked: Asked = { hooks, state: undefined };
      this.#asked.push(asked);
      answer = await this.#ask(asked);
    }
    this.#asking = false;
    this.#tell();
    return answer;
  }

  /** The call is over. */
  end(outcome: CallOutcome): void {
    this.#outcome ??= outcome;
    this.#tell();
  }

  async #ask(asked: Asked): Promise<HookAnswer | undefined> {
    try {
      const said = await asked.hooks.beforeCall?.(this.#call);
      asked.state = said?.state;
      return checkAnswer(said?.answer);
    } catch (thrown) {
      this.#onError(thrown);
      const { jsonRpcCode: code, title: message } = coreErrors.internal_error;
      return { error: { code, message } };
    }
  }

  /** Tells the outcome when nothing is left to wait for: the innermost hooks first. */
  #tell(): void {
    const outcome = this.#outcome;
    if (this.#asking || outcome === undefined) return;
    for (const { hooks, state } of this.#asked.splice(0).reverse()) {
      try {
        const running: unknown = hooks.afterCall?.(this.#call, state, outcome);
        if (isPromiseLike(running)) running.then(undefined, this.#onError);
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
  }
}

function checkAnswer(answer: unknown): HookAnswer | undefined {
  if (answer === undefined) return undefined;
  const { result, error } = isPlainObject(answer) ? answer : {};
  if (isPlainObject(result)) return { result };
  if (isPlainObject(error) && Number.isSafeInteger(error['code']) && typeof error['message'] === 'string') {
    return { error: error as { code: number; message: string } };
  }
  throw new TypeError('The answer of beforeCall must be { result: {…} } or { error: { code, message } }.');
}
