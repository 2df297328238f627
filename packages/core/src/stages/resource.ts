import { resourceMetadataUrl } from '../auth/metadata-documents.js';
import type { ResolvedOptions } from '../options.js';
import { originOf, type EdgeRequest } from '../shared/edge.js';

/** The address of the endpoint as a client knows it. */
export function resourceOf(request: EdgeRequest, options: ResolvedOptions): string {
  return options.resource ?? originOf(request) + options.endpoint;
}

/** Where a refused client finds the protected resource's document; undefined when there is none. */
export function metadataUrlFor(request: EdgeRequest, options: ResolvedOptions): string | undefined {
  const { resourceMetadataUrl: given } = options.auth.options;
  if (given !== undefined) return given;
  const document = options.metadata.protectedResource;
  if (document === undefined) return undefined;
  const { resource } = document;
  return resourceMetadataUrl(typeof resource === 'string' ? resource : resourceOf(request, options));
}
