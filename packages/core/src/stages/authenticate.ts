import { queryOf, type Answer, type EdgeRequest } from '../shared/edge.js';
import type { Principal } from '../shared/model.js';
import { parseBearer } from '../tokens/bearer.js';
import { refuseToken } from '../tokens/refuse-token.js';
import { digestToken, equalDigests } from '../tokens/token.js';
import type { TokenRecord } from '../tokens/token-registry.js';
import type { FlowParts } from './flow-parts.js';
import { metadataUrlFor } from './resource.js';

const TOKEN_IN_QUERY = /(?:^|&)(?:access_token|token)=/;

/**
 * Finds out who is calling, from the headers alone: the body has not been read yet. Synchronous for the tessera's
 * own tokens; a promise only when registries have to be asked.
 */
export function authenticate(
  request: EdgeRequest,
  parts: FlowParts,
): Principal | Answer | Promise<Principal | Answer> {
  const { options, tokens } = parts;
  const token = readToken(request, parts);
  if (typeof token !== 'string') return token;
  const digest = digestToken(options.digest, options.keys, token);
  const own = tokens.find(digest);
  if (own !== undefined) return toPrincipal(own, request, parts);
  if (options.registries.length === 0) return unknownToken(request, parts);
  return askRegistries(digest, request, parts);
}

function readToken(request: EdgeRequest, { options }: FlowParts): string | Answer {
  const credentials = parseBearer(request.headers.get('authorization'));
  if (credentials.kind === 'token') return credentials.token;
  if (credentials.kind === 'malformed') {
    return refuseToken('malformed_authorization', `The bearer token ${credentials.problem}.`);
  }
  const isInQuery = credentials.kind === 'missing' && TOKEN_IN_QUERY.test(queryOf(request.url));
  const howTo = 'Send the header "Authorization: Bearer <token>".';
  return isInQuery
    ? refuseToken('malformed_authorization', `Tokens are not read from the address. ${howTo}`)
    : refuseToken('missing_token', `A bearer token is required. ${howTo}`, metadataUrlFor(request, options));
}

async function askRegistries(
  digest: string,
  request: EdgeRequest,
  parts: FlowParts,
): Promise<Principal | Answer> {
  for (const registry of parts.options.registries) {
    const record = await registry.find(digest);
    if (record !== undefined && equalDigests(record.digest, digest))
      return toPrincipal(record, request, parts);
  }
  return unknownToken(request, parts);
}

function toPrincipal(record: TokenRecord, request: EdgeRequest, { options }: FlowParts): Principal | Answer {
  const { tenantId, tokenId, fingerprint, scopes, expiresAt, claims } = record;
  if (expiresAt !== undefined && expiresAt <= options.clock.now()) {
    return refuseToken('invalid_token', 'Token has expired', metadataUrlFor(request, options));
  }
  return {
    tenantId,
    tokenId,
    fingerprint,
    scopes,
    subject: record.subject ?? tokenId,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(claims === undefined ? {} : { claims }),
  };
}

function unknownToken(request: EdgeRequest, { options }: FlowParts): Answer {
  return refuseToken('invalid_token', 'The token is not known.', metadataUrlFor(request, options));
}
