import type { JsonRpcNotification } from './json-rpc.js';

/** Lists that a client is told of when they change. */
export const CHANGEABLE_LISTS: readonly ['tools', 'prompts', 'resources'] = ['tools', 'prompts', 'resources'];

/** A list that a client is told of when it changes. */
export type ChangeableList = (typeof CHANGEABLE_LISTS)[number];

/** What it is told. They are frozen, so that each is written once only, however many hear it. */
export const LIST_CHANGED: Readonly<Record<ChangeableList, JsonRpcNotification>> = {
  tools: changed('tools'),
  prompts: changed('prompts'),
  resources: changed('resources'),
};

function changed(list: ChangeableList): JsonRpcNotification {
  return Object.freeze({ jsonrpc: '2.0', method: `notifications/${list}/list_changed` });
}
