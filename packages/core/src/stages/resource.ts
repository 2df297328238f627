import { namedResource, resourceMetadataUrl } from '../auth/metadata-documents.js';
import type { ResolvedOptions } from '../options.js';
import { originOf, type EdgeRequest, type RequestContext } from '../shared/edge.js';
import { endpointOf } from '../shared/mount.js';

/** The address of the endpoint as a client knows it. */
export function resourceOf(request: EdgeRequest, endpoint: string, options: ResolvedOptions): string {
  return options.resource ?? originOf(request) + endpoint;
}

/** Where a refused client finds the protected resource's document; undefined when there is none. */
export function metadataUrlFor(
  request: EdgeRequest,
  context: RequestContext,
  options: ResolvedOptions,
): string | undefined {
  const { resourceMetadataUrl: given } = options.auth.options;
  if (given !== undefined) return given;
  const document = options.metadata.protectedResource;
  if (document === undefined) return undefined;
  const resource =
    namedResource(document) ?? resourceOf(request, endpointOf(context, options.endpoint), options);
  // A request without a usable address is refused all the same, only with less help.
  return URL.canParse(resource) ? resourceMetadataUrl(resource) : undefined;
}
