import type { Caller } from '../shared/caller.js';
import type { Principal } from '../shared/model.js';
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
  caller: Pick<Caller, 'principal' | 'authInfo' | 'isOwn'>,
  { info, capabilities }: { readonly info: unknown; readonly capabilities: unknown },
): string | undefined {
  try {
    // Each is JSON, so it is plain where the one ends and the other begins.
    const key = whoIs(caller) + JSON.stringify([info, capabilities]);
    return key.length > LONGEST_KEY ? undefined : key;
  } catch {
    // Claims that are no JSON, or a client that is nested too deeply.
    return undefined;
  }
}

/** What was made of principals that are the same object at each request. */
const known = new WeakMap<Principal, string>();

function whoIs({ principal, authInfo, isOwn }: Pick<Caller, 'principal' | 'authInfo' | 'isOwn'>): string {
  const before = isOwn ? known.get(principal) : undefined;
  if (before !== undefined) return before;
  const { clientId, scopes, resource, extra } = authInfo;
  const claims = isPlainObject(extra) ? without(extra, TOKEN_CLAIMS) : undefined;
  const text = JSON.stringify({ subject: principal.subject, clientId, scopes, resource, claims });
  if (isOwn) known.set(principal, text);
  return text;
}
