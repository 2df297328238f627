import type { Answer } from '../shared/edge.js';

/** The documents that let an OAuth client find its way, served as they are given. */
export interface MetadataDocuments {
  /** RFC 8414: `/.well-known/oauth-authorization-server`. */
  readonly authorizationServer?: object;
  /**
   * RFC 9728: `/.well-known/oauth-protected-resource`, also with the endpoint's path behind it. `resource` is
   * filled in when it is missing.
   */
  readonly protectedResource?: object;
}

/** Whatever is not below it is no document. */
export const WELL_KNOWN_PATH = '/.well-known/';
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
 * @param at `resource` gives the address of the endpoint, for a document that does not name one
 */
export function metadataAnswer(
  documents: MetadataDocuments,
  path: string,
  at: { readonly endpoint: string; readonly resource: () => string },
): Answer | undefined {
  const { authorizationServer, protectedResource } = documents;
  if (!path.startsWith(WELL_KNOWN_PATH)) return undefined;
  if (path === AUTHORIZATION_SERVER_PATH && authorizationServer !== undefined) {
    return { status: 200, headers: HEADERS, body: JSON.stringify(authorizationServer) };
  }
  if (protectedResource === undefined || !path.startsWith(PROTECTED_RESOURCE_PATH)) return undefined;
  const resource = namedResource(protectedResource) ?? at.resource();
  const place = path.slice(PROTECTED_RESOURCE_PATH.length);
  if (!resourcePlaces(at.endpoint, resource).includes(place)) return undefined;
  return { status: 200, headers: HEADERS, body: JSON.stringify({ resource, ...protectedResource }) };
}

/**
 * Where the documents of an endpoint are, for routers that want to know before anybody asks.
 *
 * @param at `resource` is the public address of the endpoint, where it is configured
 */
export function documentPaths(
  { authorizationServer, protectedResource }: MetadataDocuments,
  at: { readonly endpoint: string; readonly resource: string | undefined },
): string[] {
  const paths = authorizationServer === undefined ? [] : [AUTHORIZATION_SERVER_PATH];
  if (protectedResource === undefined) return paths;
  const places = resourcePlaces(at.endpoint, namedResource(protectedResource) ?? at.resource);
  return [...paths, ...places.map((place) => PROTECTED_RESOURCE_PATH + place)];
}

/** Behind a proxy the resource's own path may differ from the endpoint's; clients ask for either. */
function resourcePlaces(endpoint: string, resource: string | undefined): string[] {
  return [...new Set(['', endpoint, resource === undefined ? endpoint : placeOf(resource)])];
}

/** The `resource` that a document names itself. */
export function namedResource(document: object): string | undefined {
  const { resource } = document as { resource?: unknown };
  return typeof resource === 'string' ? resource : undefined;
}

/** Where the protected resource's document is, for the challenge of a 401. */
export function resourceMetadataUrl(resource: string): string {
  return new URL(resource).origin + PROTECTED_RESOURCE_PATH + placeOf(resource);
}

function placeOf(resource: string): string {
  const { pathname } = new URL(resource);
  return pathname === '/' ? '' : pathname;
}
