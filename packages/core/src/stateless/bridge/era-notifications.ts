import type { JsonRpcNotification } from '../../shared/json-rpc.js';
import type { ServerDescription } from '../instances/mark-server.js';

/** Notifications that other revisions have and MCP 2026-07-28 has not. */
const OF_SESSIONS: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/roots/list_changed',
  'notifications/elicitation/complete',
  'notifications/tasks/status',
]);

/** What a server must have said it can do, to send these. */
const NEEDED: Readonly<Record<string, string>> = {
  'notifications/message': 'logging',
  'notifications/tools/list_changed': 'tools',
  'notifications/prompts/list_changed': 'prompts',
  'notifications/resources/list_changed': 'resources',
  'notifications/resources/updated': 'resources',
};

/** Whether a server that only knows sessions may say this to a client of MCP 2026-07-28: its front lets through the same. */
export function isOfThisEra(
  { method }: JsonRpcNotification,
  { capabilities }: Pick<ServerDescription, 'capabilities'>,
): boolean {
  if (OF_SESSIONS.has(method)) return false;
  const needed = Object.hasOwn(NEEDED, method) ? NEEDED[method] : undefined;
  return needed === undefined || Boolean(capabilities[needed]);
}
