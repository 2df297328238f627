import { EventBus } from '../events/event-bus.js';
import { TypedEmitter } from '../events/typed-emitter.js';
import type { Logger } from '../shared/platform.js';
import type { Tessera } from '../tessera.js';

/** What happens in the sessions of an endpoint. */
export interface SessionManagerEvents {
  /** A client opened a session. */
  sessionCreated: [sessionId: string];
  /** A session ended. */
  sessionDestroyed: [sessionId: string];
  /** A server reported an error, or a message could not be delivered; the id is empty outside of sessions. */
  transportError: [sessionId: string, error: Error];
}

/** Tells what happens in the sessions of an endpoint. */
export type SessionManager = TypedEmitter<SessionManagerEvents>;

const NAMES = ['sessionCreated', 'sessionDestroyed', 'transportError'] as const;

/** The events of a tessera's sessions, under the names that an app's session manager has for them. */
export function sessionManagerOf(tessera: Tessera, logger: Logger): SessionManager {
  const events = new EventBus<SessionManagerEvents>(NAMES, (event, error) => {
    logger.error(`A listener of "${event}" failed: ${error.stack ?? error.message}`);
  });
  tessera
    .on('sessionCreated', ({ sessionId }) => {
      events.emit('sessionCreated', sessionId);
    })
    .on('sessionEnded', ({ sessionId }) => {
      events.emit('sessionDestroyed', sessionId);
    })
    .on('transportError', ({ sessionId = '', error }) => {
      events.emit('transportError', sessionId, error);
    });
  return new TypedEmitter(events);
}
