import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOf, placeOfRoute, type AuthInfo, type Mountable, type MountPlace } from '@tessera-mcp/core';
import { parsedBodyOf, toNodeHandler } from '@tessera-mcp/node';

/** What is used of a request of Express 4 or 5. */
export interface ExpressRequest extends IncomingMessage {
  /** The request target as the client sent it. */
  readonly originalUrl: string;
  /** The path that `app.use(path, …)` has matched. */
  readonly baseUrl: string;
  /** What a body parser in front has made of the body. */
  readonly body?: unknown;
  /** The route that has matched last, if one has. */
  readonly route?:
    { readonly path?: unknown; readonly stack?: readonly { readonly handle: unknown }[] } | undefined;
  /** Who is calling, once a tessera has found out. */
  auth?: AuthInfo;
}

/** A handler for `app.use`, or for a route. */
export type ExpressHandler = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Mounts a tessera, or anything else that answers Web requests, in an Express app.
 *
 * With `app.use(handler)` a tessera answers at its endpoint, with `app.use('/api', handler)` at its endpoint below that
 * path; the app goes on with requests for anything else. With `app.all('/assistant', handler)` that path is the
 * endpoint. A body that a parser has read is used as the parser left it.
 *
 * It adds no policy: no CORS, no limits, no error pages. Errors of a mounted handler go to `next`.
 *
 * @param given where it is mounted, for when Express cannot tell: behind a function of your own on a route, for example
 */
export function toExpressHandler(mountable: Mountable, given?: MountPlace): ExpressHandler {
  const handler = toNodeHandler(mountable);
  const serve: ExpressHandler = (request, response, next) => {
    const { originalUrl: url } = request;
    const path = pathOf(url);
    const place = given ?? placeOf(request, serve, path);
    if (mountable.serves?.(path, place) === false) {
      next();
      return;
    }
    void handler(request, response, {
      url,
      prefix: place.prefix,
      endpoint: place.endpoint,
      parsedBody: parsedBodyOf(request, request.body),
      onAuthenticated: (authInfo) => {
        request.auth = authInfo;
      },
      onError: next,
    });
  };
  return serve;
}

/** `route` may also be one that has passed the request on; only one that holds the handler has led to it. */
function placeOf({ baseUrl, route }: ExpressRequest, handler: ExpressHandler, path: string): MountPlace {
  if (route?.stack?.some(({ handle }) => handle === handler) !== true) return { prefix: baseUrl };
  return typeof route.path === 'string' ? placeOfRoute(baseUrl + route.path, path) : { endpoint: path };
}
