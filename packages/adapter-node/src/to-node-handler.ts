import { duplicateHeaderAnswer, type Tessera } from '@tessera-mcp/core';
import { discardRest } from './discard-rest.js';
import { isLoopbackBind } from './loopback-bind.js';
import { NodeRequest, duplicateHeader, type NodeIncoming, type NodeOutgoing } from './node-request.js';
import { writeAnswer } from './write-answer.js';

/** What only the caller of a handler knows. */
export interface NodeHandlerOptions {
  /** The body, when something before has parsed it. It is used as it is. */
  readonly parsedBody?: unknown;
}

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
      const parsedBody = options?.parsedBody;
      const answer =
        repeated === undefined
          ? await tessera.handle(request, {
              loopbackBind: isLoopbackBind(incoming.socket),
              ...(parsedBody === undefined ? {} : { parsedBody }),
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
