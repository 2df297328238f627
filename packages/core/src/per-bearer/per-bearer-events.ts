import type { ServerInfo } from './server-info.js';

/** A session was opened. */
export interface SessionEvent {
  sessionId: string;
  token: string;
  serverName: string;
  createdAt: Date;
}

/** A session ended; `duration` is its age in milliseconds. */
export interface SessionEndedEvent extends SessionEvent {
  duration: number;
}

/** A tool call ended; `duration` is in milliseconds. */
export interface ToolCallEvent {
  toolName: string;
  token: string;
  sessionId: string;
  duration: number;
  success: boolean;
}

/** A token's first server has answered `initialize`. */
export interface ServerRegisteredEvent {
  token: string;
  serverName: string;
  serverVersion: string;
  registeredAt: Date;
}

/** A token whose server was registered is gone. */
export interface ServerRemovedEvent {
  token: string;
  serverName: string;
  hadActiveSessions: boolean;
  removedAt: Date;
}

/** The first server of a token's new factory has answered `initialize`. */
export interface ServerUpdatedEvent {
  token: string;
  oldServerName: string;
  newServerName: string;
  updatedAt: Date;
}

/** A token's server factory failed; whoever asked for a session got an error, and nothing was kept. */
export interface ServerFailedEvent {
  token: string;
  error: Error;
}

/**
 * The events of the one-line server, with the arguments their listeners get. `token` is the token as it was given
 * to `addToken`; with `redactTokens` it is the token's fingerprint.
 */
export interface PerBearerEvents {
  /** The server listens. */
  started: [info: ServerInfo];
  /** The server has stopped. */
  stopped: [];
  /** A token was added. */
  tokenAdded: [token: string];
  /** A token was removed. */
  tokenRemoved: [token: string];
  /** A token was given another server factory. */
  tokenUpdated: [token: string];
  /** A token's first server has answered `initialize`. */
  serverRegistered: [info: ServerRegisteredEvent];
  /** A token whose server was registered was removed. */
  serverRemoved: [info: ServerRemovedEvent];
  /** The first server of a token's new factory has answered `initialize`. */
  serverUpdated: [info: ServerUpdatedEvent];
  /** A token's server factory failed, was too slow or returned something unusable. */
  serverFailed: [info: ServerFailedEvent];
  /** A client opened a session. */
  sessionCreated: [session: SessionEvent];
  /** A session ended. */
  sessionEnded: [session: SessionEndedEvent];
  /** A tool call ended. */
  toolCalled: [call: ToolCallEvent];
  /** A session's server reported an error, or a message could not be delivered. */
  transportError: [sessionId: string, error: Error];
}

const NAMES: Readonly<Record<keyof PerBearerEvents, true>> = {
  started: true,
  stopped: true,
  tokenAdded: true,
  tokenRemoved: true,
  tokenUpdated: true,
  serverRegistered: true,
  serverRemoved: true,
  serverUpdated: true,
  serverFailed: true,
  sessionCreated: true,
  sessionEnded: true,
  toolCalled: true,
  transportError: true,
};

/** The names of all events of the one-line server. */
export const PER_BEARER_EVENT_NAMES: readonly (keyof PerBearerEvents)[] = Object.freeze(
  Object.keys(NAMES) as (keyof PerBearerEvents)[],
);
