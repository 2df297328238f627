import { coreErrors } from '../errors/core-errors.js';
import { refuse } from '../errors/to-answer.js';
import type { Answer } from '../shared/edge.js';
import { bearerChallenge } from './bearer.js';

/** What can be wrong with the credentials of a request. */
export type TokenProblem = 'missing_token' | 'invalid_token' | 'malformed_authorization';

/**
 * Refuses credentials, with the challenge that belongs to it (RFC 6750 §3).
 *
 * @param resourceMetadata address of the protected resource's document, if there is one
 */
export function refuseToken(problem: TokenProblem, description: string, resourceMetadata?: string): Answer {
  // A request without credentials is told how to authenticate, not that anything was wrong with them.
  const error = problem === 'missing_token' ? undefined : coreErrors[problem].oauthError;
  const challenge = bearerChallenge({
    ...(error === undefined ? {} : { error, description }),
    ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
  });
  return refuse(problem, description, { headers: { 'www-authenticate': challenge } });
}
