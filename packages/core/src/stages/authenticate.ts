import { ANONYMOUS_TENANT } from '../auth/auth-options.js';
import { verifierRefusal } from '../auth/token-verifier.js';
import { refuse } from '../errors/to-answer.js';
import { queryOf, type Answer, type EdgeRequest, type RequestContext } from '../shared/edge.js';
import { authInfoOf, type Caller } from '../shared/caller.js';
import type { Principal } from '../shared/model.js';
import { equalTexts, toError } from '../shared/values.js';
import { bearerChallenge, parseBearer } from '../tokens/bearer.js';
import { refuseToken } from '../tokens/refuse-token.js';
import { digestToken } from '../tokens/token.js';
import { principalOf } from '../tokens/principal-of.js';
import type { FlowParts } from './flow-parts.js';
import { metadataUrlFor } from './resource.js';

/** A request that is being looked at. */
class Asked {
  readonly request: EdgeRequest;
  readonly context: RequestContext;
  readonly parts: FlowParts;

  constructor(request: EdgeRequest, context: RequestContext, parts: FlowParts) {
    this.request = request;
    this.context = context;
    this.parts = parts;
  }
}

const TOKEN_IN_QUERY = /(?:^|&)(?:access_token|token)=/;

/** Everybody, where no token is asked for: told apart by their session ids alone. */
const ANYBODY: Principal = Object.freeze({
  tenantId: ANONYMOUS_TENANT,
  subject: ANONYMOUS_TENANT,
  tokenId: ANONYMOUS_TENANT,
  fingerprint: '',
  scopes: [],
});

/**
 * Finds out who is calling, from the headers alone: the body has not been read yet. Synchronous for the tessera's
 * own tokens and for those a verifier has just vouched for; a promise when somebody has to be asked.
 */
export function authenticate(
  request: EdgeRequest,
  context: RequestContext,
  parts: FlowParts,
): Caller | Answer | Promise<Caller | Answer> {
  const { options, tokens, verified } = parts;
  const asked = new Asked(request, context, parts);
  if (options.auth.anonymous) return ownCaller(ANYBODY);
  const token = readToken(asked);
  if (typeof token !== 'string') return token;
  const digest = digestToken(options.digest, options.keys, token);
  const own = tokens.lookUp(digest);
  if (own !== undefined) return admit(ownCaller(own.principal, own.validUntil), asked);
  const { registries = [] } = options.auth.options;
  if (registries.length === 0 && verified === undefined) return unknownToken(asked);
  return askOthers(token, digest, asked);
}

/** Where a refused client reads how to get a token. */
function metadataUrl({ request, context, parts }: Asked): string | undefined {
  return metadataUrlFor(request, context, parts.options);
}

function readToken(asked: Asked): string | Answer {
  const { request } = asked;
  const credentials = parseBearer(request.headers.get('authorization'));
  if (credentials.kind === 'token') return credentials.token;
  if (credentials.kind === 'malformed') {
    return refuseToken('malformed_authorization', `The bearer token ${credentials.problem}.`);
  }
  const isInQuery = credentials.kind === 'missing' && TOKEN_IN_QUERY.test(queryOf(request.url));
  const howTo = 'Send the header "Authorization: Bearer <token>".';
  return isInQuery
    ? refuseToken('malformed_authorization', `Tokens are not read from the address. ${howTo}`)
    : refuseToken('missing_token', `A bearer token is required. ${howTo}`, metadataUrl(asked));
}

async function askOthers(token: string, digest: string, asked: Asked): Promise<Caller | Answer> {
  const { parts } = asked;
  for (const registry of parts.options.auth.options.registries ?? []) {
    const record = await registry.find(digest);
    if (record !== undefined && equalTexts(record.digest, digest)) {
      const principal = principalOf(record);
      return admit({ principal, authInfo: authInfoOf(principal), isOwn: false }, asked);
    }
  }
  if (parts.verified === undefined) return unknownToken(asked);
  try {
    return admit(await parts.verified.identify(token, digest), asked);
  } catch (thrown) {
    const refusal = verifierRefusal(thrown);
    if (refusal === undefined) throw thrown;
    if (refusal === 'insufficient_scope') return insufficientScope(asked, detailOf(thrown));
    // Only a token that was let in before can have anything hanging on it; others must cost nothing more.
    if (parts.verified.takeAccepted(digest)) parts.tokenRefused(token);
    return refuseToken('invalid_token', detailOf(thrown), metadataUrl(asked));
  }
}

/** Lets a caller in whose token is still valid and has the scopes that everybody needs. */
function admit(caller: Caller, asked: Asked): Caller | Answer {
  const { options } = asked.parts;
  const { expiresAt, scopes } = caller.principal;
  if (expiresAt !== undefined && expiresAt <= options.clock.now()) {
    return refuseToken('invalid_token', 'Token has expired', metadataUrl(asked));
  }
  const { requiredScopes } = options.auth;
  const hasAll = requiredScopes.length === 0 || requiredScopes.every((scope) => scopes.includes(scope));
  return hasAll ? caller : insufficientScope(asked, 'Insufficient scope');
}

/** @param validUntil of a text that was replaced by another */
function ownCaller(principal: Principal, validUntil: number = Infinity): Caller {
  return { principal, authInfo: authInfoOf(principal), isOwn: true, validUntil };
}

function unknownToken(asked: Asked): Answer {
  return refuseToken('invalid_token', 'The token is not known.', metadataUrl(asked));
}

function insufficientScope(asked: Asked, description: string): Answer {
  const resourceMetadata = metadataUrl(asked);
  const challenge = bearerChallenge({
    error: 'insufficient_scope',
    description,
    scope: asked.parts.options.auth.requiredScopes.join(' '),
    ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
  });
  return refuse('insufficient_scope', description, { headers: { 'www-authenticate': challenge } });
}

/** What a verifier says of its refusal; of an error of this project, the text without the page's address. */
function detailOf(thrown: unknown): string {
  const { detail, message } = toError(thrown) as Error & { detail?: unknown };
  return typeof detail === 'string' ? detail : message;
}
