import { refuse } from '../errors/to-answer.js';
import type { Answer } from '../shared/edge.js';
import type { Caller } from '../shared/caller.js';
import type { Tenant } from '../tenants/tenant.js';
import { refuseToken } from '../tokens/refuse-token.js';
import type { FlowParts } from './flow-parts.js';

/** Finds the tenant of a caller. A registry may name one that is not here; then the token opens nothing. */
export function resolveTenant(caller: Caller, parts: FlowParts): Tenant | Answer {
  if (caller.makeServer !== undefined) return parts.adoptTenant(caller);
  const tenant = parts.tenants.find(caller.principal.tenantId);
  if (tenant === undefined)
    return refuseToken('invalid_token', 'The token belongs to no tenant of this server.');
  if (!tenant.enabled) return refuse('tenant_disabled', 'Access with this token is switched off.');
  return tenant;
}
