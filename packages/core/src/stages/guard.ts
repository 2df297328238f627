import { WELL_KNOWN_PATH, documentPaths, metadataAnswer } from '../auth/metadata-documents.js';
import { refuse } from '../errors/to-answer.js';
import { retryAfter } from '../limits/retry-after.js';
import type { ResolvedOptions } from '../options.js';
import { pathOf, type Answer, type EdgeRequest, type RequestContext } from '../shared/edge.js';
import { isLoopbackHost, parseHost, parseOrigin } from '../shared/host.js';
import { endpointOf } from '../shared/mount.js';
import { preflightAnswer } from './cors.js';
import type { FlowParts } from './flow-parts.js';
import { resourceOf } from './resource.js';

const METHODS = 'GET, POST, DELETE';

/**
 * Everything that is decided before anybody is authenticated: `Host` and `Origin`, the path, the method. It also
 * answers preflights and the public metadata documents. Undefined lets the request pass.
 */
export function guard(request: EdgeRequest, context: RequestContext, parts: FlowParts): Answer | undefined {
  const { options } = parts;
  if (parts.state.phase === 'closed') {
    return refuse('draining', 'The server is shutting down. Try again later.', { headers: retryAfter() });
  }
  const refusedHost = checkHost(request, context, options);
  if (refusedHost !== undefined) return refusedHost;
  const endpoint = endpointOf(context, options.endpoint);
  const path = pathOf(request.url);
  if (path !== endpoint) return answerOutside(request, path, { endpoint, options });
  if (!isOriginAllowed(request, context, options)) {
    return refuse(
      'origin_not_allowed',
      'Pages of this Origin may not call. Name it in the option origins if they should.',
    );
  }
  const { method } = request;
  if (method === 'POST' || method === 'GET' || method === 'DELETE') return undefined;
  return (
    preflightAnswer(request) ??
    refuse('method_not_allowed', `The endpoint knows ${METHODS}.`, { headers: { allow: METHODS } })
  );
}

/** The paths at which there is something: the endpoint, then the metadata documents. */
export function servedPaths(endpoint: string, { metadata, resource }: ResolvedOptions): string[] {
  return [endpoint, ...documentPaths(metadata, { endpoint, resource })];
}

/** Whether there is something at a path. An app asks this of every request, so most are told apart at once. */
export function servesPath(path: string, endpoint: string, options: ResolvedOptions): boolean {
  if (path === endpoint) return true;
  return path.startsWith(WELL_KNOWN_PATH) && servedPaths(endpoint, options).includes(path);
}

/** Any page may read the documents; SDK clients send their protocol version along, which makes browsers ask first. */
const PUBLIC_PREFLIGHT: Readonly<Record<string, string>> = Object.freeze({
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': '*',
});

/** Whether the page that calls, if it is a page, may do so. */
export function isOriginAllowed(
  request: EdgeRequest,
  context: RequestContext,
  options: ResolvedOptions,
): boolean {
  const value = request.headers.get('origin');
  if (value === null || options.origins.has(value.toLowerCase())) return true;
  if (context.loopbackBind !== true) return false;
  const parsed = parseOrigin(value);
  const isWeb = parsed?.scheme === 'http' || parsed?.scheme === 'https';
  return isWeb && isLoopbackHost(parsed.host);
}

function answerOutside(
  request: EdgeRequest,
  path: string,
  { endpoint, options }: { endpoint: string; options: ResolvedOptions },
): Answer {
  const at = { endpoint, resource: () => resourceOf(request, endpoint, options) };
  const document = metadataAnswer(options.metadata, path, at);
  if (document === undefined)
    return refuse('not_found', `There is nothing here. The endpoint is ${endpoint}.`);
  if (request.method === 'GET') return document;
  if (request.method === 'HEAD') return { ...document, body: null };
  if (request.method === 'OPTIONS') return { status: 204, headers: PUBLIC_PREFLIGHT, body: null };
  return refuse('method_not_allowed', 'The document can be read with GET.', {
    headers: { allow: 'GET, HEAD' },
  });
}

function checkHost(
  request: EdgeRequest,
  context: RequestContext,
  options: ResolvedOptions,
): Answer | undefined {
  // A Web Request of HTTP/2 has no Host header; what it names is in its address.
  const value = request.headers.get('host') ?? hostOf(request.url);
  return value === undefined ? undefined : checkHostValue(value, context, options);
}

/** The host that an absolute address names. */
function hostOf(url: string): string | undefined {
  return !url.startsWith('/') && URL.canParse(url) ? new URL(url).host : undefined;
}

function checkHostValue(
  value: string,
  context: RequestContext,
  { hosts }: ResolvedOptions,
): Answer | undefined {
  const parsed = parseHost(value);
  if (parsed === undefined) return refuse('invalid_host', 'The Host header is malformed.');
  const isLoopbackBind = context.loopbackBind === true;
  if (!isLoopbackBind && hosts === undefined) return undefined;
  if (isLoopbackBind && isLoopbackHost(parsed.host)) return undefined;
  const isNamed = hosts?.some((host) => host === parsed.host || host === `${parsed.host}:${parsed.port}`);
  if (isNamed === true) return undefined;
  return refuse(
    'host_not_allowed',
    'This Host is not served. Name it in the option hosts if clients, or a proxy in front, use it.',
  );
}
