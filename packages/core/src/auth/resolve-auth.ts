import { coreError } from '../errors/core-error.js';
import type { AuthOptions } from './auth-options.js';
import type { OAuthTokenVerifier } from './token-verifier.js';

/** Authentication options with their defaults. */
export interface ResolvedAuth {
  /** Whether callers need no token at all. */
  readonly anonymous: boolean;
  readonly options: AuthOptions;
  /** Whoever vouches for tokens that no registry knows. */
  readonly verifier: OAuthTokenVerifier | undefined;
  readonly requiredScopes: readonly string[];
  readonly rememberMs: number;
}

const DEFAULT_REMEMBER_MS = 5000;

const NAMES: Readonly<Record<keyof AuthOptions, true>> = {
  registries: true,
  verifier: true,
  tenant: true,
  provider: true,
  subject: true,
  requiredScopes: true,
  rememberVerifiedMs: true,
  resourceMetadataUrl: true,
};

/** The names of the options of `auth`. */
export const AUTH_OPTION_NAMES: readonly string[] = Object.keys(NAMES);

/** @throws `invalid_option` */
export function resolveAuth(given: AuthOptions | 'none' | undefined): ResolvedAuth {
  const options = given === 'none' || given === undefined ? {} : given;
  const {
    verifier,
    provider,
    tenant,
    requiredScopes = [],
    rememberVerifiedMs = DEFAULT_REMEMBER_MS,
  } = options;
  if (options.registries !== undefined && !Array.isArray(options.registries)) {
    throw coreError('invalid_option', 'auth.registries must be an array.');
  }
  for (const registry of options.registries ?? []) checkMethod('auth.registries[]', registry, 'find');
  checkMethod('auth.verifier', verifier, 'verifyAccessToken');
  checkMethod('auth.provider', provider, 'verifyAccessToken');
  checkMethod('auth.provider', provider, 'createServerForToken');
  if (verifier !== undefined && provider === undefined && tenant === undefined) {
    throw coreError('invalid_option', 'auth.verifier needs auth.tenant: the tenant its callers belong to.');
  }
  if (tenant !== undefined && verifier === undefined) {
    throw coreError('invalid_option', 'auth.tenant is of use with auth.verifier only.');
  }
  if (typeof rememberVerifiedMs !== 'number' || !(rememberVerifiedMs >= 0)) {
    throw coreError('invalid_option', 'auth.rememberVerifiedMs must be a number of milliseconds, 0 or more.');
  }
  return {
    anonymous: given === 'none',
    options,
    verifier: verifier ?? provider,
    requiredScopes,
    rememberMs: rememberVerifiedMs,
  };
}

function checkMethod(name: string, value: unknown, method: string): void {
  if (value === undefined) return;
  const found = (value as Record<string, unknown> | null)?.[method];
  if (typeof found === 'function') return;
  throw coreError('invalid_option', `${name} must have a method ${method}().`);
}
