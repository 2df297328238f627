/** The session-era revisions this package speaks, newest first. */
export const SESSION_VERSIONS: readonly string[] = Object.freeze([
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
]);

/** The one revision that has JSON-RPC batches (MCP 2025-03-26, "Batching"). */
export const BATCH_VERSION = '2025-03-26';

/** The first revision whose clients expect a server to end a connection early, and come back (MCP 2025-11-25, "Sending Messages to the Server"). */
export const POLLING_VERSION = '2025-11-25';

/** The first revision whose errors may lack an id (MCP 2025-11-25 schema, `JSONRPCErrorResponse`). */
export const ERRORS_WITHOUT_ID_VERSION = '2025-11-25';

/** The first revision of the stateless era. */
export const STATELESS_VERSION: string = '2026-07-28';

/** The `_meta` key in which a stateless-era request names its revision. */
export const ENVELOPE_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

/** Whether a revision belongs to the stateless era: revisions are dates, so they compare as text. */
export function isStatelessVersion(version: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= STATELESS_VERSION;
}
