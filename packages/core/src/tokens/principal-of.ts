import type { Principal } from '../shared/model.js';
import type { TokenRecord } from './token-registry.js';

/** Who calls with a token. Frozen, because every request of the token may get the same one. */
export function principalOf(record: TokenRecord): Principal {
  const { tenantId, tokenId, fingerprint, scopes, subject = tokenId, expiresAt, claims } = record;
  return Object.freeze({
    tenantId,
    subject,
    tokenId,
    fingerprint,
    scopes,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(claims === undefined ? {} : { claims }),
  });
}
