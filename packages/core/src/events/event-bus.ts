import { EventEmitter } from 'eventemitter3';
import { coreError } from '../errors/core-error.js';
import { isPromiseLike, toError } from '../shared/values.js';

/** A listener takes what its event carries; what it returns is ignored, unless it is a promise that rejects. */
export type Listener<Arguments extends unknown[]> = (...payload: Arguments) => unknown;

/** The arguments of each event. */
export type EventArguments<Events> = { [Name in keyof Events]: unknown[] };

/** Told that a listener threw or rejected. */
export type ListenerFailure = (event: string, error: Error) => void;

type Wrapped = (...payload: unknown[]) => void;

/**
 * A typed event bus. `emit` calls the listeners at once, in the order they were added, and neither throws nor
 * awaits: a listener that throws or rejects is reported and does not stop the others.
 */
export class EventBus<Events extends EventArguments<Events>> {
  readonly #emitter = new EventEmitter<string>();
  readonly #names: ReadonlySet<string>;
  readonly #onFailure: ListenerFailure;
  readonly #wrapped = new Map<string, Map<unknown, Wrapped[]>>();

  constructor(names: readonly (keyof Events & string)[], onFailure: ListenerFailure) {
    this.#names = new Set(names);
    this.#onFailure = onFailure;
  }

  /** Calls `listener` at every event of that name. */
  on<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): void {
    const wrapped = this.#remember(name, listener as Listener<unknown[]>);
    this.#emitter.on(name, wrapped);
  }

  /** Calls `listener` at the next event of that name only. */
  once<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): void {
    const call = this.#remember(name, listener as Listener<unknown[]>, () => {
      this.#forget(name, listener, call);
    });
    this.#emitter.on(name, call);
  }

  /** Takes a listener away again; the newest one, if it was added more than once. */
  off<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): void {
    const wrapped = this.#wrapped.get(name)?.get(listener)?.at(-1);
    if (wrapped !== undefined) this.#forget(name, listener, wrapped);
  }

  /** Whether anybody listens, so that a payload need not be made for nobody. */
  has(name: keyof Events & string): boolean {
    return this.#emitter.listenerCount(name) > 0;
  }

  /** How many listeners an event has. */
  count(name: keyof Events & string): number {
    return this.#emitter.listenerCount(name);
  }

  /** Takes all listeners away, or those of one event. */
  clear(name?: keyof Events & string): void {
    if (name === undefined) this.#wrapped.clear();
    else this.#wrapped.delete(name);
    this.#emitter.removeAllListeners(name);
  }

  emit<Name extends keyof Events & string>(name: Name, ...payload: Events[Name]): void {
    this.#emitter.emit(name, ...payload);
  }

  #remember(name: string, listener: Listener<unknown[]>, before?: () => void): Wrapped {
    if (!this.#names.has(name)) {
      throw coreError(
        'unknown_event',
        `There is no event "${name}". Listen to one of: ${[...this.#names].join(', ')}.`,
      );
    }
    if (typeof listener !== 'function') {
      throw coreError('invalid_option', `The listener of "${name}" must be a function.`);
    }
    const wrapped: Wrapped = (...payload) => {
      before?.();
      try {
        const returned = listener(...payload);
        if (isPromiseLike(returned)) {
          returned.then(undefined, (thrown: unknown) => {
            this.#onFailure(name, toError(thrown));
          });
        }
      } catch (thrown) {
        this.#onFailure(name, toError(thrown));
      }
    };
    const ofName = this.#wrapped.get(name) ?? new Map<unknown, Wrapped[]>();
    this.#wrapped.set(name, ofName);
    ofName.set(listener, [...(ofName.get(listener) ?? []), wrapped]);
    return wrapped;
  }

  #forget(name: string, listener: unknown, wrapped: Wrapped): void {
    this.#emitter.off(name, wrapped);
    const ofName = this.#wrapped.get(name);
    const rest = ofName?.get(listener)?.filter((other) => other !== wrapped) ?? [];
    if (rest.length > 0) ofName?.set(listener, rest);
    else ofName?.delete(listener);
  }
}
