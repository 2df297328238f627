import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments, TesseraSessionEvent } from '../events/tessera-events.js';
import type { Clock } from '../shared/platform.js';
import { roundMs } from '../shared/values.js';
import type { TenantSessionObserver } from '../sessions/session-manager.js';
import type { Session } from '../sessions/session.js';

/** Turns what happens in a tenant's sessions into events. */
export function observeSessions(
  events: EventBus<TesseraEventArguments>,
  clock: Clock,
): TenantSessionObserver {
  return {
    callEnded: (session, call, response) => {
      const { method, params } = call.request;
      if (method !== 'tools/call' || !events.has('toolCalled')) return;
      const { tenantId, tokenId, fingerprint } = session.principal;
      const toolName = params?.['name'];
      events.emit('toolCalled', {
        tenantId,
        tokenId,
        fingerprint,
        sessionId: session.id,
        toolName: typeof toolName === 'string' ? toolName : '',
        duration: roundMs(clock.monotonic() - call.startedAt),
        success: response !== undefined && 'result' in response && response.result['isError'] !== true,
      });
    },
    ended: (session, reason) => {
      const duration = roundMs(clock.monotonic() - session.startedAt);
      events.emit('sessionEnded', { ...sessionEvent(session), duration, reason });
    },
    failed: (session, error) => {
      const { tenantId } = session.principal;
      events.emit('transportError', { tenantId, sessionId: session.id, error });
    },
  };
}

/** A session as events and statistics show it. */
export function sessionEvent(session: Session): TesseraSessionEvent {
  const { tenantId, tokenId, fingerprint } = session.principal;
  return {
    sessionId: session.id,
    tenantId,
    tokenId,
    fingerprint,
    serverName: session.record?.server.name ?? '',
    createdAt: session.createdAt,
  };
}
