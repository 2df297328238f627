import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments, TesseraSessionEvent } from '../events/tessera-events.js';
import type { Clock } from '../shared/platform.js';
import { joined, roundMs } from '../shared/values.js';
import type { TenantSessionObserver } from '../sessions/session-services.js';
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
        era: 'session',
        sessionId: session.id,
        toolName: typeof toolName === 'string' ? toolName : '',
        duration: roundMs(clock.monotonic() - call.startedAt),
        success: response !== undefined && 'result' in response && response.result['isError'] !== true,
      });
    },
    ended: (session, reason) => {
      const duration = roundMs(clock.monotonic() - session.startedAt);
      events.emit('sessionEnded', joined(sessionEvent(session), { duration, reason }));
    },
    failed: ({ id: sessionId, principal }, error) => {
      events.emit('transportError', { tenantId: principal.tenantId, era: 'session', sessionId, error });
    },
    adopted: (session) => {
      events.emit('sessionAdopted', sessionEvent(session));
    },
    parked: (session) => {
      events.emit('sessionParked', sessionEvent(session));
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
