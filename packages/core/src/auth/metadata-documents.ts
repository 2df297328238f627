import type { Answer } from '../shared/edge.js';

/** The documents that let an OAuth client find its way, served as they are given. */
export interface MetadataDocuments {
  /** RFC 8414: `/.well-known/oauth-authorization-server`. */
  readonly authorizationServer?: Readonly<Record<string, unknown>>;
  /**
   * RFC 9728: `/.well-known/oauth-protected-resource`, also with the endpoint's path behind it. `resource` is
   * filled in when it is missing.
   */
  readonly protectedResource?: Readonly<Record<string, unknown>>;
}

const AUTHORIZATION_SERVER_PATH = '/.well-known/oauth-authorization-server';
const PROTECTED_RESOURCE_PATH = '/.well-known/oauth-protected-resource';

/** Discovery is public: any page may read it, without credentials. */
const HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'application/json',
  'access-control-allow-origin': '*',
  'cache-control': 'max-age=300',
});

/**
 * The document at a path, or undefined.
 *
 * @param resource the address of the endpoint, used where the document does not name one
 */
export function metadataAnswer(
  documents: MetadataDocuments,
  path: string,
  at: { readonly endpoint: string; readonly resource: string },
): Answer | undefined {
  const { authorizationServer, protectedResource } = documents;
  if (path === AUTHORIZATION_SERVER_PATH && authorizationServer !== undefined) {
    return { status: 200, headers: HEADERS, body: JSON.stringify(authorizationServer) };
  }
  const isResourcePath = path === PROTECTED_RESOURCE_PATH || path === PROTECTED_RESOURCE_PATH + at.endpoint;
  if (!isResourcePath || protectedResource === undefined) return undefined;
  return {
    status: 200,
    headers: HEADERS,
    body: JSON.stringify({ resource: at.resource, ...protectedResource }),
  };
}

/** Where the protected resource's document is, for the challenge of a 401. */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return origin + PROTECTED_RESOURCE_PATH + (pathname === '/' ? '' : pathname);
}
