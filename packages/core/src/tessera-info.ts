import type { TokenEvent } from './events/tessera-events.js';
import type { Tenant } from './tenants/tenant.js';
import type { TenantInfo, TokenInfo } from './tessera.js';
import type { TokenRecord } from './tokens/token-registry.js';

/* What the management surface shows of its parts; never a digest, a factory or a live object. */

export function tenantInfo(tenant: Tenant): TenantInfo {
  const { id, enabled, generation, serverName, limits, metadata } = tenant;
  return {
    id,
    enabled,
    generation,
    ...(serverName === undefined ? {} : { serverName }),
    activeSessions: tenant.sessions.size,
    limits,
    metadata,
  };
}

export function tokenInfo({ tokenId, fingerprint }: TokenRecord): TokenInfo {
  return { tokenId, fingerprint };
}

export function tokenEvent({ tenantId, tokenId, fingerprint, label }: TokenRecord): TokenEvent {
  return { tenantId, tokenId, fingerprint, ...(label === undefined ? {} : { label }) };
}
