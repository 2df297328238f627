import { coreErrors } from '../errors/core-errors.js';
import type { SessionEndReason } from '../shared/model.js';
import type { SessionRecord } from './session-record.js';
import { ERRORS_WITHOUT_ID_VERSION } from '../shared/protocol-versions.js';

/** Why streams end that a client had open; the other ends of a session are its client's own doing, or have no streams. */
const REASONS: Readonly<Partial<Record<SessionEndReason, string>>> = {
  revoked: 'The token was removed.',
  expired: 'The token has expired.',
  lifetime: 'The session is as old as it may become.',
  tenantRemoved: 'The token was removed.',
  updated: 'The server was replaced.',
  serverClosed: 'The server has closed the session.',
  stopped: 'The server is shutting down.',
};

/**
 * The last thing that open streams say: an error that belongs to no request, which clients report and survive. Undefined
 * when there is nothing to say, another process can go on with the session, or the client's revision has no such message.
 */
export function finalMessage(
  reason: SessionEndReason,
  { record, isKept }: { readonly record: SessionRecord | undefined; readonly isKept: boolean },
): string | undefined {
  // A client that hears an error takes the stream for complete, and would not look for the session elsewhere.
  if (reason === 'stopped' && isKept) return undefined;
  const protocolVersion = record?.protocolVersion ?? '';
  const message = REASONS[reason];
  if (message === undefined || protocolVersion < ERRORS_WITHOUT_ID_VERSION) return undefined;
  return JSON.stringify({
    jsonrpc: '2.0',
    error: { code: coreErrors.connection_closed.jsonRpcCode, message },
  });
}
