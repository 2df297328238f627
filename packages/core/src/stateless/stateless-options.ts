import { coreError } from '../errors/core-error.js';
import { checkChoice, checkNames } from '../shared/check-options.js';

/** How requests of MCP 2026-07-28 are served. */
export interface StatelessOptions {
  /**
   * Whether plain requests go straight to a server that is kept connected. Everything else, and every error, goes through the
   * SDK's own handler, and so does all when this is false. @default true
   */
  readonly direct?: boolean;
  /** Whether servers are kept for the next request of the same principal and client; false makes one a request. @default true */
  readonly reuse?: boolean;
  /**
   * What becomes of what a handler of SDK v1 asks its client (`elicitInput`, `createMessage`, `listRoots`). `park`: the handler
   * waits in this process, up to 60 s. `replay`: it runs again from its start when the client answers, in any process.
   * `refuse`: the call fails. @default 'park'
   */
  readonly input?: 'park' | 'replay' | 'refuse';
  /** Whether servers may let shared caches keep their results (`cacheScope: 'public'`); caches do not know tenants. @default false */
  readonly publicCache?: boolean;
  /** Milliseconds without a request after which a server is no longer kept. @default 300000 (5 min) */
  readonly keepMs?: number;
}

const DEFAULTS: Required<StatelessOptions> = {
  direct: true,
  reuse: true,
  input: 'park',
  publicCache: false,
  keepMs: 300_000,
};

/**
 * What is given, over what applies where nothing is.
 *
 * @throws `invalid_option` for an unknown name or a value it cannot have
 */
export function resolveStateless(
  given: StatelessOptions = {},
  base: Readonly<Required<StatelessOptions>> = DEFAULTS,
): Readonly<Required<StatelessOptions>> {
  checkNames('stateless.', given, Object.keys(DEFAULTS));
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const resolved = { ...base, ...(Object.fromEntries(entries) as StatelessOptions) };
  checkChoice('stateless.direct', resolved.direct, [true, false]);
  checkChoice('stateless.reuse', resolved.reuse, [true, false]);
  checkChoice('stateless.input', resolved.input, ['park', 'replay', 'refuse']);
  checkChoice('stateless.publicCache', resolved.publicCache, [true, false]);
  if (typeof resolved.keepMs !== 'number' || !(resolved.keepMs > 0)) {
    throw coreError('invalid_option', 'stateless.keepMs must be a number of milliseconds above 0.');
  }
  return Object.freeze(resolved);
}
