import type { SpreadLane } from '../../shared/spread.js';
import type { Sdk } from '../sdk.js';

/** Something that clients can listen for, as the SDK writes it. */
export type ChangeEvent = Parameters<InstanceType<Sdk['InMemoryServerEventBus']>['publish']>[0];

/** Carries what has changed to those who listen: one for each tenant, because whoever is on it hears everything. */
export class ChangeBus {
  readonly #listeners = new Map<(event: ChangeEvent) => void, string>();
  readonly #lane: SpreadLane;
  /** All who listen, until others do. */
  #all: readonly ((event: ChangeEvent) => void)[] | undefined;

  constructor(lane: SpreadLane) {
    this.#lane = lane;
  }

  /** Whether anybody listens. */
  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** @param subject the user who is to hear it; undefined for all */
  publish(event: ChangeEvent, subject?: string): void {
    this.#lane.tellAll(this.#whoHears(subject), (listener) => {
      this.#tell(listener, event);
    });
  }

  #whoHears(subject: string | undefined): readonly ((event: ChangeEvent) => void)[] {
    this.#all ??= [...this.#listeners.keys()];
    return subject === undefined
      ? this.#all
      : this.#all.filter((listener) => this.#listeners.get(listener) === subject);
  }

  #tell(listener: (event: ChangeEvent) => void, event: ChangeEvent): void {
    // It may have gone before its turn.
    if (!this.#listeners.has(listener)) return;
    try {
      listener(event);
    } catch {
      // A stream that cannot be written to ends by itself; the others hear of the change.
    }
  }

  /** The bus as a user who listens has it. */
  of(subject: string): {
    readonly publish: (event: ChangeEvent) => void;
    readonly subscribe: (listener: (event: ChangeEvent) => void) => () => void;
  } {
    return {
      publish: (event) => {
        this.publish(event, subject);
      },
      subscribe: (listener) => {
        this.#listeners.set(listener, subject);
        this.#all = undefined;
        return () => {
          this.#listeners.delete(listener);
          this.#all = undefined;
        };
      },
    };
  }
}

const KINDS: Readonly<
  Record<string, 'tools_list_changed' | 'prompts_list_changed' | 'resources_list_changed'>
> = {
  'notifications/tools/list_changed': 'tools_list_changed',
  'notifications/prompts/list_changed': 'prompts_list_changed',
  'notifications/resources/list_changed': 'resources_list_changed',
};

/** A notification as an event of the bus; undefined when it is none that can be listened for. */
export function changeEventOf(method: string, uri: string | undefined): ChangeEvent | undefined {
  const kind = Object.hasOwn(KINDS, method) ? KINDS[method] : undefined;
  if (kind !== undefined) return { kind };
  return method === 'notifications/resources/updated' && uri !== undefined
    ? { kind: 'resource_updated', uri }
    : undefined;
}
