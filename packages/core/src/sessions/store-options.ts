import { coreError } from '../errors/core-error.js';
import { checkNames } from '../shared/check-options.js';
import type { EventLog } from './streams/event-log.js';

/** Where things are kept that outlive a connection. */
export interface StoreOptions {
  /** What was said in streams, for clients that come back. Default: `memoryEventLog()`. */
  readonly events?: EventLog;
}

const METHODS: Readonly<Record<keyof StoreOptions, readonly string[]>> = {
  events: ['append', 'read', 'forget'],
};

/** @throws `invalid_option` for an unknown name, or for what lacks a method of a store */
export function resolveStores(given: StoreOptions = {}): StoreOptions {
  checkNames('stores.', given, Object.keys(METHODS));
  for (const [name, methods] of Object.entries(METHODS)) {
    const store = given[name as keyof StoreOptions] as Readonly<Record<string, unknown>> | undefined;
    const missing = store && methods.find((method) => typeof store[method] !== 'function');
    if (missing === undefined) continue;
    throw coreError('invalid_option', `stores.${name} must have the methods ${methods.join(', ')}.`);
  }
  return Object.freeze({ ...given });
}
