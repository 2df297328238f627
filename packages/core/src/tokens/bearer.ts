import { tokenProblem } from './token.js';

/** What an `Authorization` header holds. */
export type BearerCredentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'otherScheme' }
  | { readonly kind: 'malformed'; readonly problem: string };

const SCHEME = 'bearer';

/**
 * Reads an `Authorization` header (RFC 6750 §2.1, RFC 9110 §11.4). Total: any text has a result, none throws.
 * Two merged headers arrive as one value with a comma, which no token may hold.
 */
export function parseBearer(header: string | null): BearerCredentials {
  if (header === null || header.trim() === '') return { kind: 'missing' };
  const value = header.trim();
  const space = value.indexOf(' ');
  const scheme = space === -1 ? value : value.slice(0, space);
  if (scheme.toLowerCase() !== SCHEME) return { kind: 'otherScheme' };
  const token = space === -1 ? '' : value.slice(space).trim();
  const problem = tokenProblem(token);
  if (problem !== undefined) return { kind: 'malformed', problem };
  return { kind: 'token', token };
}

/** What a `WWW-Authenticate: Bearer` challenge says (RFC 6750 §3, RFC 9728 §5.1). */
export interface Challenge {
  readonly error?: string;
  readonly description?: string;
  readonly scope?: string;
  readonly resourceMetadata?: string;
}

/** Builds a challenge. Values lose every character that a quoted string may not hold plainly. */
export function bearerChallenge(challenge: Challenge): string {
  const parameters: string[] = [];
  if (challenge.error !== undefined) parameters.push(`error="${quotable(challenge.error)}"`);
  if (challenge.description !== undefined) {
    parameters.push(`error_description="${quotable(challenge.description)}"`);
  }
  if (challenge.scope !== undefined) parameters.push(`scope="${quotable(challenge.scope)}"`);
  if (challenge.resourceMetadata !== undefined) {
    parameters.push(`resource_metadata="${quotable(challenge.resourceMetadata)}"`);
  }
  // The scheme must be followed by at least one parameter (RFC 6750 §3).
  if (parameters.length === 0) parameters.push('realm="mcp"');
  return `Bearer ${parameters.join(', ')}`;
}

function quotable(value: string): string {
  return value.replace(/[^\x20-\x7e]|["\\]/g, '');
}
