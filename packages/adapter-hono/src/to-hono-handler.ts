import type { HonoRequest, MiddlewareHandler } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import { answerOf, pathOf, placeOfRoute, type Mountable, type RequestContext } from '@tessera-mcp/core';
import { loopbackBindOf } from '@tessera-mcp/node';

/**
 * Mounts a tessera, or anything else that answers Web requests, in a Hono app.
 *
 * With `app.use(handler)` a tessera answers at its endpoint, with `app.use('/api/*', handler)` at its endpoint below
 * `/api`; the app goes on with requests for anything else. With `app.all('/assistant', handler)` that path is the
 * endpoint. A body that was read through `c.req` is used as it was read. `c.get('auth')` tells who was calling.
 *
 * It adds no policy: no CORS, no limits, no error pages. Errors of a mounted handler go to `app.onError`.
 */
export function toHonoHandler(mountable: Mountable): MiddlewareHandler {
  return async (c, next) => {
    const path = pathOf(c.req.url);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor is there from Hono 4.8 on only
    const place = placeOfRoute(c.req.routePath, path);
    if (mountable.serves?.(path, place) === false) return next();
    const given = c.env as RequestContext | undefined;
    const { status, headers, body } = await answerOf(mountable, c.req.raw, {
      ...place,
      loopbackBind: loopbackBindOf(given),
      parsedBody: given?.parsedBody ?? (await bodyReadBefore(c.req)),
      onAuthenticated: (authInfo) => {
        c.set('auth', authInfo);
        given?.onAuthenticated?.(authInfo);
      },
    });
    // Made by Hono, so that the headers that middleware has set with `c.header` stay.
    const { vary = [], 'set-cookie': cookies = [], ...others } = headers;
    for (const value of [vary].flat()) c.header('vary', value, { append: true });
    for (const value of [cookies].flat()) c.header('set-cookie', value, { append: true });
    return c.newResponse(body, status as StatusCode, others as Record<string, string | string[]>);
  };
}

/** Hono keeps what was read through it; a body that was read past it is refused with a reason. */
async function bodyReadBefore(request: HonoRequest): Promise<unknown> {
  if (!request.raw.bodyUsed) return undefined;
  return request.json().catch(() => request.text().catch(() => undefined));
}
