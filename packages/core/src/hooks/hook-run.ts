import { coreErrors } from '../errors/core-errors.js';
import { isPlainObject, isPromiseLike } from '../shared/values.js';
import type { BeforeCall, CallHooks, CallOutcome, HookAnswer, HookedCall } from './call-hooks.js';

/** One set of hooks that was asked about the call. */
interface Asked {
  readonly hooks: CallHooks;
  state: unknown;
}

type MaybeAnswer = HookAnswer | undefined;

/** The hooks of one call: all are asked in turn before it, and those that were asked are told how it ended. */
export class HookRun {
  readonly #hooks: readonly CallHooks[];
  readonly #call: HookedCall;
  readonly #onError: (thrown: unknown) => void;
  /** Those that were asked, and are told the outcome. */
  readonly #told: Asked[] = [];
  #asking = true;
  #outcome: CallOutcome | undefined;

  constructor(hooks: readonly CallHooks[], call: HookedCall, onError: (thrown: unknown) => void) {
    this.#hooks = hooks;
    this.#call = call;
    this.#onError = onError;
  }

  /**
   * Asks all hooks until one gives an answer, or the call has ended meanwhile. A promise only where a hook gives one. Neither
   * throws nor rejects.
   */
  before(): MaybeAnswer | Promise<MaybeAnswer> {
    return this.#askFrom(0);
  }

  /** The call is over. */
  end(outcome: CallOutcome): void {
    this.#outcome ??= outcome;
    this.#tell();
  }

  #askFrom(first: number): MaybeAnswer | Promise<MaybeAnswer> {
    for (let index = first; index < this.#hooks.length && this.#outcome === undefined; index += 1) {
      const answer = this.#ask(this.#hooks[index] as CallHooks);
      if (answer instanceof Promise) {
        return answer.then((given) => (given === undefined ? this.#askFrom(index + 1) : this.#asked(given)));
      }
      if (answer !== undefined) return this.#asked(answer);
    }
    return this.#asked(undefined);
  }

  /** Nobody is left to be asked. */
  #asked(answer: MaybeAnswer): MaybeAnswer {
    this.#asking = false;
    this.#tell();
    return answer;
  }

  #ask(hooks: CallHooks): MaybeAnswer | Promise<MaybeAnswer> {
    const asked: Asked = { hooks, state: undefined };
    this.#told.push(asked);
    try {
      const said = hooks.beforeCall?.(this.#call);
      if (!isPromiseLike(said)) return takeFrom(said as BeforeCall | undefined, asked);
      return Promise.resolve(said)
        .then((given) => takeFrom(given as BeforeCall | undefined, asked))
        .catch((thrown: unknown) => this.#failed(thrown));
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): HookAnswer {
    this.#onError(thrown);
    const { jsonRpcCode: code, title: message } = coreErrors.internal_error;
    return { error: { code, message } };
  }

  /** Tells the outcome when nothing is left to wait for: the innermost hooks first. */
  #tell(): void {
    const outcome = this.#outcome;
    if (this.#asking || outcome === undefined) return;
    for (const { hooks, state } of this.#told.splice(0).reverse()) {
      try {
        const running: unknown = hooks.afterCall?.(this.#call, state, outcome);
        if (isPromiseLike(running)) running.then(undefined, this.#onError);
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
  }
}

/** Programs in plain JavaScript may say null, or nothing. */
function takeFrom(said: BeforeCall | null | undefined, asked: Asked): MaybeAnswer {
  const { state, answer } = said ?? {};
  asked.state = state;
  return checkAnswer(answer);
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
