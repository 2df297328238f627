/** Caps that are set for a workload in place of the defaults, as they go to candidates of this project. */
export interface BenchLimits {
  readonly tenant: Readonly<Record<string, number>>;
  readonly total: Readonly<Record<string, number>>;
}

/** What there will be at once. */
export interface Expected {
  readonly tenants: number;
  readonly sessions: number;
  readonly concurrency: number;
}

/** Caps above what there will be at once, so that no workload meets one. */
export function limitsAbove({ tenants, sessions, concurrency }: Expected): BenchLimits {
  const perTenant = Math.ceil(sessions / tenants);
  return {
    tenant: {
      calls: concurrency,
      sessions: perTenant + 100,
      streams: 2 * perTenant + 200,
      listens: 2 * perTenant + 200,
      initializeBurst: 1_000_000,
      initializePerSecond: 1_000_000,
    },
    total: { totalSessions: sessions + 10_000, totalStreams: sessions + 10_000, totalCalls: 10_000 },
  };
}

/** The caps of a workload as a line. */
export function limitsLine(limits: BenchLimits | undefined): string | undefined {
  if (limits === undefined) return undefined;
  const { tenant, total } = limits;
  return Object.entries({ ...tenant, ...total })
    .map(([name, value]) => `\`${name}\` ${value.toLocaleString('en')}`)
    .join(', ');
}
