import type { AuthInfo } from './auth-info.js';
import type { McpServerLike } from './mcp-server.js';
import type { Principal } from './model.js';

/** A principal, and what belongs to this one request of it. */
export interface Caller {
  readonly principal: Principal;
  /** What handlers get as `authInfo`; a verifier's own, where one was asked. */
  readonly authInfo: AuthInfo;
  /**
   * Whether the token is one of the tessera's own: then the principal is the same object at each request, and `authInfo` says
   * nothing that it does not say.
   */
  readonly isOwn: boolean;
  /** Until when the token is accepted that was replaced by another, in milliseconds since the epoch. */
  readonly validUntil?: number;
  /** Makes the caller's servers, where that takes the token itself. It is used for this request and not kept. */
  readonly makeServer?: () => McpServerLike | Promise<McpServerLike>;
}

/** Whether the token of a caller who was let in is over by now. */
export function hasLapsed({ principal, validUntil = Infinity }: Caller, now: number): boolean {
  return Math.min(validUntil, principal.expiresAt ?? Infinity) <= now;
}

/** What handlers are told of a caller whom no verifier has described. */
export function authInfoOf(principal: Principal): AuthInfo {
  const { tenantId, subject, tokenId, fingerprint, scopes, expiresAt, claims } = principal;
  const extra =
    claims === undefined ? { tenantId, subject, tokenId } : { ...claims, tenantId, subject, tokenId };
  const authInfo: AuthInfo = { token: fingerprint, clientId: tenantId, scopes: [...scopes], extra };
  if (expiresAt !== undefined) authInfo.expiresAt = Math.floor(expiresAt / 1000);
  return authInfo;
}
