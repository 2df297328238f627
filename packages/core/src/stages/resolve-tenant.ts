import { refuse } from '../errors/to-answer.js';
import type { Answer } from '../shared/edge.js';
import type { Principal } from '../shared/model.js';
import type { Tenant } from '../tenants/tenant.js';
import { refuseToken } from '../tokens/refuse-token.js';
import type { FlowParts } from './flow-parts.js';

/** Finds the tenant of a principal. A registry may name one that is not here; then the token opens nothing. */
export function resolveTenant(principal: Principal, parts: FlowParts): Tenant | Answer {
  const tenant = parts.tenants.find(principal.tenantId);
  if (tenant === undefined)
    return refuseToken('invalid_token', 'The token belongs to no tenant of this server.');
  if (!tenant.enabled) return refuse('tenant_disabled', 'Access with this token is switched off.');
  return tenant;
}
