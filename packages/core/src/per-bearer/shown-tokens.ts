/** How the tokens of a one-line server are shown in what it tells: by tenant, in the order they were added. */
export class ShownTokens {
  readonly #byTenant = new Map<string, string>();

  add(tenantId: string, shown: string): void {
    this.#byTenant.set(tenantId, shown);
  }

  remove(tenantId: string): void {
    this.#byTenant.delete(tenantId);
  }

  of(tenantId: string): string {
    return this.#byTenant.get(tenantId) ?? '';
  }

  all(): string[] {
    return [...this.#byTenant.values()];
  }

  get size(): number {
    return this.#byTenant.size;
  }
}
