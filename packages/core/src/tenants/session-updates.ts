import { authInfoOf } from '../shared/caller.js';
import type { JsonRpcRequest } from '../shared/json-rpc.js';
import type { Clock } from '../shared/platform.js';
import type { SessionManager } from '../sessions/session-manager.js';
import type { Session } from '../sessions/session.js';
import type { Trial, UpdateChoice } from './generations.js';

/** How a new server can be tried out in place of that of the newest session; undefined when there is no session. */
export function trialIn(sessions: SessionManager): Trial | undefined {
  const sample = sessions.all().at(-1);
  if (sample === undefined) return undefined;
  const { principal, record } = sample;
  const params = { ...record?.initialize, protocolVersion: record?.protocolVersion };
  const request: JsonRpcRequest = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
  return (factory, attempt) =>
    sessions.tryOut({ principal, request, extra: { authInfo: authInfoOf(principal) }, attempt }, factory);
}

/** Does with open sessions what an update of their server wants. */
export function applyTo(open: readonly Session[], { sessions, graceMs }: UpdateChoice, clock: Clock): void {
  const until = clock.monotonic() + graceMs;
  for (const session of open) {
    if (sessions === 'swap') session.outdate();
    else if (sessions === 'end') session.end('updated');
    else session.keepServerUntil(until);
  }
}
