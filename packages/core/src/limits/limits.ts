import { coreError } from '../errors/core-error.js';

/** Caps of one tenant. Over one of them a request is answered with 429 and `Retry-After`. */
export interface TenantLimits {
  /** Open sessions. @default 100 */
  readonly sessions: number;
  /** Sessions that may be opened at once; the allowance refills at `initializePerSecond`. @default 200 */
  readonly initializeBurst: number;
  /** Sessions that may be opened each second in the long run. @default 50 */
  readonly initializePerSecond: number;
  /** Calls in flight. @default 32 */
  readonly calls: number;
  /** Open GET streams. @default 200 */
  readonly streams: number;
  /** Open `subscriptions/listen` streams (MCP 2026-07-28). @default 200 */
  readonly listens: number;
  /** Calls that wait, without a connection, for what their handler has asked the client. @default 32 */
  readonly parkedCalls: number;
  /** Open GET streams of one session; one more ends the oldest. @default 4 */
  readonly streamsPerSession: number;
  /** Bytes that may wait on all streams together; over it, a stream that needs more is cut. @default 33554432 (32 MiB) */
  readonly tenantQueuedBytes: number;
  /** Size of a request body in bytes. @default 1048576 (1 MiB) */
  readonly bodyBytes: number;
  /**
   * How long a call may run, in milliseconds; after that it is answered with an error and its handler's signal fires.
   * @default Infinity
   */
  readonly callMs: number;
}

/** Caps and bounds of a whole tessera; those of a tenant can be changed for each tenant. */
export interface Limits extends TenantLimits {
  /** Open sessions of all tenants together; over it, 503 with `Retry-After`. @default 10000 */
  readonly totalSessions: number;
  /** Calls in flight of all tenants together; over it, 503 with `Retry-After`. @default 10000 */
  readonly totalCalls: number;
  /** Open GET streams of all tenants together, and as many `subscriptions/listen` streams; over it, 503 with `Retry-After`. @default 20000 */
  readonly totalStreams: number;
  /** Bytes that may wait on all streams of all tenants. @default 268435456 (256 MiB) */
  readonly totalQueuedBytes: number;
  /** Messages in a batch; batches exist in MCP 2025-03-26 only. @default 20 */
  readonly batchMessages: number;
  /** Bytes that may wait on a stream nobody reads; over it, the stream is cut. @default 1048576 (1 MiB) */
  readonly queuedBytes: number;
  /** How long a server factory and its `initialize` may take, in milliseconds. @default 10000 */
  readonly factoryMs: number;
}

/** What applies where nothing else is said. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  sessions: 100,
  initializeBurst: 200,
  initializePerSecond: 50,
  calls: 32,
  streams: 200,
  listens: 200,
  parkedCalls: 32,
  streamsPerSession: 4,
  tenantQueuedBytes: 33_554_432,
  bodyBytes: 1_048_576,
  callMs: Infinity,
  totalSessions: 10_000,
  totalCalls: 10_000,
  totalStreams: 20_000,
  totalQueuedBytes: 268_435_456,
  batchMessages: 20,
  queuedBytes: 1_048_576,
  factoryMs: 10_000,
});

const TENANT_LIMIT_NAMES = [
  'sessions',
  'initializeBurst',
  'initializePerSecond',
  'calls',
  'streams',
  'listens',
  'parkedCalls',
  'streamsPerSession',
  'tenantQueuedBytes',
  'bodyBytes',
  'callMs',
] as const satisfies readonly (keyof TenantLimits)[];

/** @throws `invalid_option` for an unknown name or a value that is not a positive number */
export function resolveLimits(given: Partial<Limits> | undefined): Limits {
  return Object.freeze({ ...DEFAULT_LIMITS, ...checked(given, Object.keys(DEFAULT_LIMITS)) });
}

/** @throws `invalid_option` for an unknown name or a value that is not a positive number */
export function resolveTenantLimits(
  base: TenantLimits,
  given: Partial<TenantLimits> | undefined,
): TenantLimits {
  const own = Object.fromEntries(TENANT_LIMIT_NAMES.map((name) => [name, base[name]]));
  return Object.freeze({ ...(own as unknown as TenantLimits), ...checked(given, TENANT_LIMIT_NAMES) });
}

/** The limits that were given, without those that are undefined. */
function checked<Given extends object>(given: Given | undefined, names: readonly string[]): Given {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  for (const [name, value] of entries) {
    if (!names.includes(name)) {
      throw coreError('invalid_option', `limits.${name} is unknown. Known limits: ${names.join(', ')}.`);
    }
    if (typeof value !== 'number' || !(value > 0)) {
      throw coreError('invalid_option', `limits.${name} must be a number above 0 (Infinity is allowed).`);
    }
  }
  return Object.fromEntries(entries) as Given;
}
