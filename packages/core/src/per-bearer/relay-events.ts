import type { EventBus } from '../events/event-bus.js';
import type { TesseraSessionEvent } from '../events/tessera-events.js';
import type { Tessera } from '../tessera.js';
import type { PerBearerEvents, SessionEvent } from './per-bearer-events.js';
import type { ShownTokens } from './shown-tokens.js';

/** Says what a tessera says once more, with tokens in the place of tenants. */
export function relayEvents(tessera: Tessera, events: EventBus<PerBearerEvents>, shown: ShownTokens): void {
  tessera
    .on('serverRegistered', ({ tenantId, ...info }) => {
      events.emit('serverRegistered', { token: shown.of(tenantId), ...info });
    })
    .on('serverUpdated', ({ tenantId, ...info }) => {
      events.emit('serverUpdated', { token: shown.of(tenantId), ...info });
    })
    .on('serverRemoved', ({ tenantId, ...info }) => {
      events.emit('serverRemoved', { token: shown.of(tenantId), ...info });
    })
    .on('serverFailed', ({ tenantId, error }) => {
      events.emit('serverFailed', { token: shown.of(tenantId), error });
    })
    .on('sessionCreated', (session) => {
      events.emit('sessionCreated', toSessionEvent(session, shown));
    })
    .on('sessionEnded', (session) => {
      events.emit('sessionEnded', { ...toSessionEvent(session, shown), duration: session.duration });
    })
    .on('toolCalled', ({ tenantId, toolName, sessionId = '', duration, success }) => {
      events.emit('toolCalled', { toolName, token: shown.of(tenantId), sessionId, duration, success });
    })
    .on('transportError', ({ sessionId = '', error }) => {
      events.emit('transportError', sessionId, error);
    });
}

export function toSessionEvent(session: TesseraSessionEvent, shown: ShownTokens): SessionEvent {
  const { sessionId, tenantId, serverName, createdAt } = session;
  return { sessionId, token: shown.of(tenantId), serverName, createdAt };
}
