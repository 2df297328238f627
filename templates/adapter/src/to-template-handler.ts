import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Mountable, MountPlace } from '@tessera-mcp/core';
import { toNodeHandler } from '@tessera-mcp/node';

/** A handler of Template's. */
export type TemplateHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Mounts a tessera, or anything else that answers Web requests, in a Template app.
 *
 * It adds no policy: it finds out where it is mounted, passes on a body that a parser has read, and hands everything else
 * to the Node bridge.
 *
 * @param place where the handler is mounted; most frameworks tell that with the request
 */
export function toTemplateHandler(mountable: Mountable, place: MountPlace = {}): TemplateHandler {
  const handler = toNodeHandler(mountable);
  // With routes beside the handler: `if (mountable.serves?.(path, place) === false) return next();`
  // With a body parser in front: `parsedBody: parsedBodyOf(request, request.body)`.
  // With error handling of the framework's own: `onError: next`.
  return (request, response) => handler(request, response, place);
}
