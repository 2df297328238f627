import type { Era, SessionEndReason } from '../shared/model.js';

/**
 * Everything a tessera tells, by event name. Payloads never hold a raw token: tokens appear as their id and
 * their fingerprint (12 hexadecimal digits of a keyed digest). `docs/events.md` is made from this file.
 */
export interface TesseraEvents {
  /** A tenant was added. */
  tenantAdded: { tenantId: string };
  /** A tenant's options were changed; `generation` counts its server factories, from 1. */
  tenantUpdated: { tenantId: string; generation: number };
  /** A tenant was removed, with its tokens and sessions. */
  tenantRemoved: { tenantId: string };

  /** A token was added to a tenant. */
  tokenAdded: TokenEvent;
  /** A token was replaced by a new one that keeps its id and its sessions. */
  tokenRotated: TokenEvent;
  /**
   * A token was removed, and its sessions have ended. Of a token that is kept elsewhere it is told only when it had
   * sessions.
   */
  tokenRemoved: TokenEvent;

  /** A tenant's first server instance answered `initialize`, with the name and version it gave. */
  serverRegistered: {
    tenantId: string;
    serverName: string;
    serverVersion: string;
    registeredAt: Date;
  };
  /** The first instance of a tenant's new server factory answered `initialize`. */
  serverUpdated: {
    tenantId: string;
    oldServerName: string;
    newServerName: string;
    updatedAt: Date;
  };
  /** A tenant whose server had been registered was removed. */
  serverRemoved: {
    tenantId: string;
    serverName: string;
    hadActiveSessions: boolean;
    removedAt: Date;
  };
  /** A server factory failed, was too slow or returned something unusable. Nothing was kept of the attempt. */
  serverFailed: { tenantId: string; error: Error };

  /** A client opened a session. */
  sessionCreated: TesseraSessionEvent;
  /** A client's session was taken over from another process, or from a tessera before this one. */
  sessionAdopted: TesseraSessionEvent;
  /** A session that nobody has used for a while has let go of its server; its next call gets it another one. */
  sessionParked: TesseraSessionEvent;
  /** A session ended; `duration` is its age in milliseconds. */
  sessionEnded: TesseraSessionEvent & { duration: number; reason: SessionEndReason };
  /** Somebody used a session id that does not exist or is not theirs; the answer does not tell which. */
  sessionRefused: { tenantId: string; fingerprint: string; sessionFingerprint: string; method: string };
  /** A tool call ended; `duration` is in milliseconds. */
  toolCalled: {
    tenantId: string;
    tokenId: string;
    fingerprint: string;
    era: Era;
    /** Missing in the stateless era. */
    sessionId?: string;
    toolName: string;
    duration: number;
    success: boolean;
  };
  /** A server reported an error, or a message could not be delivered. The stateless era has no `sessionId`. */
  transportError: { tenantId: string; era: Era; sessionId?: string; error: Error };

  /** A request was answered; for a stream, its headers were. `duration` is in milliseconds. */
  requestHandled: {
    method: string;
    status: number;
    /** Which era's rules the request asked for; missing when it was refused before that was known. */
    era?: Era;
    duration: number;
    tenantId?: string;
    fingerprint?: string;
  };
  /** An error was hidden from a caller, who saw only `errorId`. */
  internalError: { errorId: string; error: Error };
  /** A listener threw or rejected. The other listeners and the answer were not affected. */
  listenerFailed: { event: string; error: Error };
}

/** What events about a token hold. */
export interface TokenEvent {
  tenantId: string;
  tokenId: string;
  fingerprint: string;
  label?: string;
}

/** What events about a session hold. */
export interface TesseraSessionEvent {
  sessionId: string;
  tenantId: string;
  tokenId: string;
  fingerprint: string;
  serverName: string;
  createdAt: Date;
}

/** Any event of a tessera as one value, told apart by `type`. */
export type TesseraEvent = {
  [Name in keyof TesseraEvents]: { type: Name } & TesseraEvents[Name];
}[keyof TesseraEvents];

/** The same map as the bus wants it: one payload object each. */
export type TesseraEventArguments = { [Name in keyof TesseraEvents]: [payload: TesseraEvents[Name]] };

const NAMES: Readonly<Record<keyof TesseraEvents, true>> = {
  tenantAdded: true,
  tenantUpdated: true,
  tenantRemoved: true,
  tokenAdded: true,
  tokenRotated: true,
  tokenRemoved: true,
  serverRegistered: true,
  serverUpdated: true,
  serverRemoved: true,
  serverFailed: true,
  sessionCreated: true,
  sessionAdopted: true,
  sessionParked: true,
  sessionEnded: true,
  sessionRefused: true,
  toolCalled: true,
  transportError: true,
  requestHandled: true,
  internalError: true,
  listenerFailed: true,
};

/** The names of all events. */
export const TESSERA_EVENT_NAMES: readonly (keyof TesseraEvents)[] = Object.freeze(
  Object.keys(NAMES) as (keyof TesseraEvents)[],
);
