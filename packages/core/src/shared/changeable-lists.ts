import type { JsonRpcMessage, JsonRpcNotification } from './json-rpc.js';

/** Lists that a client is told of when they change. */
export const CHANGEABLE_LISTS: readonly ['tools', 'prompts', 'resources'] = ['tools', 'prompts', 'resources'];

/** A list that a client is told of when it changes. */
export type ChangeableList = (typeof CHANGEABLE_LISTS)[number];

/** Those that were made here: of others nobody knows that they never change, frozen or not. */
const toldToMany = new WeakSet<JsonRpcMessage>();

/** What it is told. Each is written once only, however many hear it. */
export const LIST_CHANGED: Readonly<Record<ChangeableList, JsonRpcNotification>> = {
  tools: constant({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }),
  prompts: constant({ jsonrpc: '2.0', method: 'notifications/prompts/list_changed' }),
  resources: constant({ jsonrpc: '2.0', method: 'notifications/resources/list_changed' }),
};

/** What those are told who have subscribed to a resource. It is written once only, however many hear it. */
export function resourceUpdated(uri: string): JsonRpcNotification {
  const params = Object.freeze({ uri });
  return constant({ jsonrpc: '2.0', method: 'notifications/resources/updated', params });
}

/** Whether a message is the same whenever it is written. */
export function isToldToMany(message: JsonRpcMessage): boolean {
  return toldToMany.has(message);
}

function constant(notification: JsonRpcNotification): JsonRpcNotification {
  toldToMany.add(notification);
  return Object.freeze(notification);
}
