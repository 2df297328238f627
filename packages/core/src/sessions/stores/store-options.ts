import { coreError } from '../../errors/core-error.js';
import type { KeyOptions } from '../../keys/keys.js';
import { checkNames } from '../../shared/check-options.js';
import type { SessionStore } from './session-store.js';
import type { EventLog } from '../streams/event-log.js';

/** Where things are kept that outlive a connection. */
export interface StoreOptions {
  /** What was said in streams, for clients that come back. Default: `memoryEventLog()`. */
  readonly events?: EventLog;
  /** Sessions, for other processes to go on with; needs the option `keys`. Default: they live and end with the process. */
  readonly sessions?: SessionStore;
}

const METHODS: Readonly<Record<keyof StoreOptions, readonly string[]>> = {
  events: ['append', 'read', 'forget'],
  sessions: ['save', 'load', 'remove'],
};

/** @throws `invalid_option` for an unknown name, or for what lacks a method of a store */
export function resolveStores(given: StoreOptions | undefined, keys: KeyOptions | undefined): StoreOptions {
  if (given === undefined) return {};
  checkNames('stores.', given, Object.keys(METHODS));
  for (const [name, methods] of Object.entries(METHODS)) {
    const store = given[name as keyof StoreOptions] as Readonly<Record<string, unknown>> | undefined;
    const missing = store && methods.find((method) => typeof store[method] !== 'function');
    if (missing === undefined) continue;
    throw coreError('invalid_option', `stores.${name} must have the methods ${methods.join(', ')}.`);
  }
  if (given.sessions !== undefined && keys === undefined) {
    throw coreError(
      'invalid_option',
      "stores.sessions needs the option keys, with one secret for all who share the store: without it, nobody knows another's sessions.",
    );
  }
  return Object.freeze({ ...given });
}
