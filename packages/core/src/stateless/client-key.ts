import type { Caller } from '../shared/caller.js';
import { isPlainObject, without } from '../shared/values.js';

/** What is said of a token and not of its owner (RFC 7519 §4.1): each new token has other ones. */
const TOKEN_CLAIMS = ['exp', 'iat', 'nbf', 'jti', 'tokenId'];

/** A client that says more of itself than this, in characters of JSON, has no server kept for it. */
const LONGEST_KEY = 16_384;

/**
 * What a server is kept by. Whoever has another user, other scopes or claims, or another client, never gets it: what a factory
 * has made for one of them, or a handler has listed, may not be right for the other. Undefined when no server is to be kept.
 */
export function clientKey(
  { principal, authInfo }: Pick<Caller, 'principal' | 'authInfo'>,
  { info, capabilities }: { readonly info: unknown; readonly capabilities: unknown },
): string | undefined {
  const { clientId, scopes, resource, extra } = authInfo;
  const claims = isPlainObject(extra) ? without(extra, TOKEN_CLAIMS) : undefined;
  const { subject } = principal;
  try {
    const key = JSON.stringify({ subject, clientId, scopes, resource, claims, info, capabilities });
    return key.length > LONGEST_KEY ? undefined : key;
  } catch {
    // Claims that are no JSON, or a client that is nested too deeply.
    return undefined;
  }
}
