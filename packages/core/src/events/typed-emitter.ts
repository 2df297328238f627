import type { EventArguments, EventBus, Listener } from './event-bus.js';

/** The listening side of an event bus, with the method names of Node's `EventEmitter`. Only its owner emits. */
export class TypedEmitter<Events extends EventArguments<Events>> {
  readonly #bus: EventBus<Events>;

  constructor(bus: EventBus<Events>) {
    this.#bus = bus;
  }

  /**
   * Calls `listener` at every event of that name. What it throws or rejects is reported and affects nobody else.
   *
   * @throws `unknown_event`
   */
  on<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): this {
    this.#bus.on(name, listener);
    return this;
  }

  /**
   * Calls `listener` at the next event of that name only.
   *
   * @throws `unknown_event`
   */
  once<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): this {
    this.#bus.once(name, listener);
    return this;
  }

  /** Takes a listener away again. */
  off<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): this {
    this.#bus.off(name, listener);
    return this;
  }

  /** The same as `on`. */
  addListener<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): this {
    return this.on(name, listener);
  }

  /** The same as `off`. */
  removeListener<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): this {
    return this.off(name, listener);
  }

  /** Takes all listeners away, or those of one event. */
  removeAllListeners(name?: keyof Events & string): this {
    this.#bus.clear(name);
    return this;
  }

  listenerCount(name: keyof Events & string): number {
    return this.#bus.count(name);
  }
}
