import { duplicateHeaderAnswer, type RequestContext, type Tessera } from '@tessera-mcp/core';
import { discardRest } from './discard-rest.js';
import { isLoopbackBind } from './loopback-bind.js';
import type { NodeIncoming, NodeOutgoing } from './node-messages.js';
import { NodeRequest, duplicateHeader } from './node-request.js';
import { writeAnswer } from './write-answer.js';

/** What only the caller of a handler knows of a request. */
export type NodeHandlerOptions = Pick<RequestContext, 'parsedBody' | 'endpoint' | 'onAuthenticated'>;

/**
 * Answers one request. It resolves when the answer is written, and never rejects. It can be passed to
 * `http.createServer`, `http2.createSecureServer` and to whatever takes a `(request, response)` function.
 */
export type NodeHandler = (
  incoming: NodeIncoming,
  outgoing: NodeOutgoing,
  options?: NodeHandlerOptions,
) => Promise<void>;

/** Makes the function that lets a Node server answer with a tessera. It adds no policy of its own. */
export function toNodeHandler(tessera: Pick<Tessera, 'handle'>): NodeHandler {
  return async (incoming, outgoing, options) => {
    try {
      const repeated = duplicateHeader(incoming.rawHeaders);
      const request = new NodeRequest(incoming, outgoing);
      const answer =
        repeated === undefined
          ? await tessera.handle(request, {
              ...contextOf(options),
              loopbackBind: isLoopbackBind(incoming.socket),
            })
          : duplicateHeaderAnswer(repeated);
      if (!incoming.complete) discardRest(incoming, outgoing);
      await writeAnswer(answer, outgoing);
    } catch {
      // The answer itself cannot be written: the connection is the only thing left to end.
      outgoing.destroy();
    }
  };
}

/** Whoever calls the handler may pass something else in its third place, such as Connect's `next`. */
function contextOf(options: NodeHandlerOptions | undefined): NodeHandlerOptions {
  return typeof options === 'object' ? options : {};
}
