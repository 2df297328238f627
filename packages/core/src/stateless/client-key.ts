import type { AuthInfo } from '../shared/auth-info.js';
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

function whoIs(caller: Pick<Caller, 'principal' | 'authInfo' | 'isOwn'>): string {
  const { principal, authInfo } = caller;
  const isAsEver = caller.isOwn && saysNothingElse(principal, authInfo);
  const before = isAsEver ? known.get(principal) : undefined;
  if (before !== undefined) return before;
  const { clientId, scopes, resource, extra } = authInfo;
  const claims = isPlainObject(extra) ? without(extra, TOKEN_CLAIMS) : undefined;
  const text = JSON.stringify({ subject: principal.subject, clientId, scopes, resource, claims });
  if (isAsEver) known.set(principal, text);
  return text;
}

/** Whether nobody who was told of the caller has changed what handlers are told, as an app can that adds its own user to it. */
function saysNothingElse(
  { tenantId, subject, tokenId, scopes, claims }: Principal,
  { clientId, scopes: said, resource, extra = {} }: AuthInfo,
): boolean {
  if (clientId !== tenantId || resource !== undefined || said.length !== scopes.length) return false;
  for (let index = 0; index < scopes.length; index += 1) if (said[index] !== scopes[index]) return false;
  const own: Readonly<Record<string, unknown>> = { tenantId, subject, tokenId };
  for (const key of Object.keys(extra)) {
    const expected = Object.hasOwn(own, key) ? own[key] : claims?.[key];
    if (extra[key] !== expected) return false;
  }
  return true;
}
