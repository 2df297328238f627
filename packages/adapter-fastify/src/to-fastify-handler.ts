import type { ServerResponse } from 'node:http';
import { pathOf, placeOfRoute, type Mountable, type MountPlace } from '@tessera-mcp/core';
import { parsedBodyOf, toNodeHandler, type OpenResponses } from '@tessera-mcp/node';
import type { FastifyReplyLike, FastifyRequestLike } from './fastify-messages.js';

/** A route's handler. */
export type FastifyHandler = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>;

/** What the plugin knows of a mount. */
interface FastifyMount {
  /** Where it is; by default the route says it. */
  readonly placeOf?: (pattern: string, path: string) => MountPlace;
  /** Told of every answer that is being written. */
  readonly responses?: OpenResponses;
}

/**
 * The handler of a route: `app.all('/assistant', toFastifyHandler(tessera))`. The route's path is the endpoint, and a body
 * that Fastify has parsed is used as Fastify left it. Register the plugin instead where bodies should be read only from
 * those who may call, and streams should end when the app closes.
 *
 * Errors of a mounted handler go to the app's error handler.
 */
export function toFastifyHandler(mountable: Mountable): FastifyHandler {
  return mountedHandler(mountable, {});
}

/** The same for the plugin, which knows more than a route does. */
export function mountedHandler(mountable: Mountable, mount: FastifyMount): FastifyHandler {
  const { placeOf = placeOfRoute, responses } = mount;
  const handler = toNodeHandler(mountable);
  return async (request, reply) => {
    const path = pathOf(request.originalUrl);
    const place = placeOf(request.routeOptions.url ?? '*', path);
    if (mountable.serves?.(path, place) === false) {
      reply.callNotFound();
      return reply;
    }
    const failures: unknown[] = [];
    await handler(request.raw, reply.raw, {
      prefix: place.prefix,
      endpoint: place.endpoint,
      url: request.originalUrl,
      parsedBody: parsedBodyOf(request.raw, request.body),
      onAuthenticated: (authInfo) => {
        request.raw.auth = authInfo;
      },
      onAnswer: (answer) => {
        // What other plugins have put on the reply would be lost, because the answer bypasses it.
        for (const [name, value] of Object.entries(reply.getHeaders())) {
          if (value !== undefined) reply.raw.setHeader(name, value);
        }
        reply.hijack();
        responses?.add(reply.raw as ServerResponse, answer);
      },
      onError: (error) => failures.push(error),
    });
    if (failures.length > 0) throw failures[0];
    return reply;
  };
}
