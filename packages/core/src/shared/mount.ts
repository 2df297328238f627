import { rememberingLast } from './remembering.js';
import type { Answer, EdgeRequest, RequestContext } from './edge.js';

/** Where a handler is mounted: below a prefix, or as a route that says exactly where the endpoint is. */
export type MountPlace = Pick<RequestContext, 'prefix' | 'endpoint'>;

/** What anything that is mounted may tell besides. */
export interface MountedHandler {
  /**
   * Whether a path is the handler's own; an adapter leaves all others to the routes beside it.
   * Default: every path below its mount is.
   *
   * @param place where the handler is mounted
   */
  serves?(path: string, place?: MountPlace): boolean;
  /** Whether it takes new work, for probes. Default: it does. */
  ready?(): boolean;
}

/** Anything that answers Web requests: a tessera, an app of a framework that stands on Web standards, your own. */
export interface FetchHandler extends MountedHandler {
  /**
   * @param context what the adapter knows of the request besides: where the handler is mounted, and a body that was
   *   parsed already
   */
  fetch(request: Request, context?: RequestContext): Response | Promise<Response>;
}

/** What answers requests without Web objects, as a tessera does. */
export interface EdgeHandler extends MountedHandler {
  handle(request: EdgeRequest, context?: RequestContext): Promise<Answer>;
}

/** What adapters mount. */
export type Mountable = EdgeHandler | FetchHandler;

/** Whether a handler is asked without Web objects. Apps of some frameworks have a `handle` that means something else. */
export function isEdgeHandler(mountable: Mountable): mountable is EdgeHandler {
  return 'handle' in mountable && (!('fetch' in mountable) || 'serves' in mountable);
}

/**
 * Where a route has led a request, for frameworks whose routes are patterns: a pattern with a `*` is a mount, and what
 * is before it the prefix; any other pattern says exactly where the endpoint is.
 */
export function placeOfRoute(pattern: string, path: string): MountPlace {
  const depth = wildcardDepth(pattern);
  if (depth !== -1) return { prefix: path.split('/').slice(0, depth).join('/') };
  // A router decodes what it compares; an endpoint that is written with escapes is none, here as elsewhere.
  return { endpoint: path.includes('%') && !pattern.includes(':') ? pattern : path };
}

/** In which segment of a pattern there is a `*`; -1 for none. */
const wildcardDepth = rememberingLast((pattern) =>
  pattern.split('/').findIndex((segment) => segment.includes('*')),
);

/** The path of the endpoint where a request has come in. */
export function endpointOf(context: MountPlace, endpoint: string): string {
  if (context.endpoint !== undefined) return context.endpoint;
  return context.prefix === undefined ? endpoint : endpointBelow(context.prefix, endpoint);
}

/**
 * The path of an endpoint below a prefix. A prefix that ends with the endpoint already is the endpoint, because whoever
 * mounts at `/mcp` does not mean `/mcp/mcp`.
 */
export function endpointBelow(prefix: string, endpoint: string): string {
  if (prefix === '') return endpoint;
  const base = NORMAL_PATH.test(prefix) ? prefix : joinPaths(prefix);
  if (base === '/') return endpoint;
  return endpoint === '/' || base.endsWith(endpoint) ? base : base + endpoint;
}

/** What a framework says of a mount needs no joining as a rule. */
const NORMAL_PATH = /^(?:\/[^/]+)+$/;

/** Joins parts of a path with single slashes between them. */
export function joinPaths(...parts: readonly string[]): string {
  const names = parts.flatMap((part) => part.split('/')).filter((name) => name !== '');
  return `/${names.join('/')}`;
}
