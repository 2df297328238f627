import { coreError } from '../errors/core-error.js';
import { checkFactory } from '../shared/check-factory.js';
import { Tenant } from './tenant.js';
import type { TenantParts } from './tenant-parts.js';

const LONGEST_ID = 256;

/** The tenants of a tessera, by id. */
export class Tenants {
  readonly #tenants = new Map<string, Tenant>();

  /** @throws `duplicate_tenant`, `invalid_option`, `invalid_factory` */
  add(parts: TenantParts): Tenant {
    const { id } = parts;
    if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID) {
      throw coreError(
        'invalid_option',
        `A tenant's id must be a text of 1 to ${String(LONGEST_ID)} characters.`,
      );
    }
    if (this.#tenants.has(id)) {
      throw coreError(
        'duplicate_tenant',
        `There is a tenant "${id}" already. Use updateTenant(), or remove it first.`,
      );
    }
    checkFactory(parts.factory);
    const tenant = new Tenant(parts);
    this.#tenants.set(id, tenant);
    return tenant;
  }

  find(id: string): Tenant | undefined {
    return this.#tenants.get(id);
  }

  /** @throws `unknown_tenant` */
  get(id: string): Tenant {
    const tenant = this.#tenants.get(id);
    if (tenant !== undefined) return tenant;
    throw coreError('unknown_tenant', `There is no tenant "${id}". Add it with addTenant() first.`);
  }

  remove(id: string): Tenant | undefined {
    const tenant = this.#tenants.get(id);
    this.#tenants.delete(id);
    return tenant;
  }

  all(): Tenant[] {
    return [...this.#tenants.values()];
  }
}
