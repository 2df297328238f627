/** Who is calling. A session is bound to tenant and subject, and hangs on the token id. */
export interface Principal {
  readonly tenantId: string;
  /** The user inside the tenant; for a token of the tessera's own, the token's id. */
  readonly subject: string;
  readonly tokenId: string;
  /** What logs and events show of the token. */
  readonly fingerprint: string;
  readonly scopes: readonly string[];
  /** When the token stops being valid, in milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** What the verifier or the registry knows of the caller beyond this. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Which era's rules: MCP 2025-11-25 and earlier have sessions, 2026-07-28 and later have none. */
export type Era = 'session' | 'stateless';

/** What a server says of itself in its `initialize` answer. */
export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
}

/**
 * Why a session ended: the client said DELETE; nobody used it (`idle`), or it was as old as it may become (`lifetime`); its
 * tenant had too many, and it was unused the longest (`evicted`); its token was removed (`revoked`) or expired; its tenant
 * was removed (`tenantRemoved`); its server was replaced (`updated`); the server closed itself; the tessera stopped,
 * drained or closed (`stopped`).
 */
export type SessionEndReason =
  | 'deleted'
  | 'idle'
  | 'lifetime'
  | 'evicted'
  | 'revoked'
  | 'expired'
  | 'tenantRemoved'
  | 'updated'
  | 'serverClosed'
  | 'stopped';
