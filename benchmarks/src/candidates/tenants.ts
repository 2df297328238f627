import { createHash } from 'node:crypto';
import type { BenchTenant } from '../load/clients.js';

/** Tenants with tokens that look like real ones, the same in each run. */
export function benchTenants(count: number): BenchTenant[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `tenant-${String(index)}`,
    token: createHash('sha256')
      .update(`token of ${String(index)}`)
      .digest('base64url'),
  }));
}
