import {
  TesseraError,
  answerOf,
  duplicateHeaderAnswer,
  isEdgeHandler,
  joinPaths,
  pathOf,
  type Answer,
  type Mountable,
  type RequestContext,
} from '@tessera-mcp/core';
import { discardRest } from './discard-rest.js';
import { failureAnswer, notServed } from './failure-answer.js';
import { isLoopbackBind } from './loopback-bind.js';
import type { NodeIncoming, NodeOutgoing } from './node-messages.js';
import { cutOff } from './on-gone.js';
import { NodeRequest, duplicateHeader } from './node-request.js';
import { toWebRequest } from './to-web-request.js';
import { giveUpBody, writeAnswer } from './write-answer.js';

/** What only the caller of a handler knows of a request. */
export interface NodeHandlerOptions extends Pick<
  RequestContext,
  'parsedBody' | 'prefix' | 'endpoint' | 'onAuthenticated'
> {
  /** The request target as the client sent it, where a framework has changed `url`. Default: `url`. */
  readonly url?: string;
  /** Told right before the answer is written: from then on nobody else may write. Default: nobody. */
  readonly onAnswer?: (answer: Answer) => void;
  /**
   * Gets the error of a mounted handler that threw or rejected; nothing has been written then. A tessera never does.
   * Default: the client gets a 500 that says nothing, and the process a warning that does.
   */
  readonly onError?: (error: unknown) => void;
}

/**
 * Answers one request. It resolves when the answer is written, and never rejects. It can be passed to
 * `http.createServer` and `http2.createSecureServer`.
 */
export type NodeHandler = (
  incoming: NodeIncoming,
  outgoing: NodeOutgoing,
  options?: NodeHandlerOptions,
) => Promise<void>;

/** Methods that the Fetch standard forbids. */
const NOT_FOR_THE_WEB: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/**
 * What an address resolves to another path than the one that was routed: the app's own guards have looked at the path as it
 * was sent (RFC 3986 §5.2.4; the URL standard takes a backslash for a slash).
 */
const CLIMBS = /\\|(?:^|\/)(?:\.|%2e){1,2}(?=\/|$)/i;

/** Requests whose answers are not complete. */
const held = new WeakMap<NodeOutgoing, Request>();

type Ask = (request: NodeRequest, context: RequestContext) => Promise<Answer>;

/** Makes the function that lets a Node server answer with a tessera, or with anything that answers Web requests. */
export function toNodeHandler(mountable: Mountable): NodeHandler {
  const isEdge = isEdgeHandler(mountable);
  const ask: Ask = isEdge ? mountable.handle.bind(mountable) : askWebHandler(mountable);
  return async (incoming, outgoing, given) => {
    const { url, onAnswer, onError, ...context } = optionsOf(given);
    let answer: Answer;
    try {
      const repeated = duplicateHeader(incoming.rawHeaders);
      const request = new NodeRequest(incoming, outgoing, url);
      const loopbackBind = isLoopbackBind(incoming.socket);
      answer =
        repeated === undefined
          ? await ask(request, { ...context, loopbackBind })
          : duplicateHeaderAnswer(repeated);
    } catch (error) {
      if (onError !== undefined) {
        onError(error);
        return;
      }
      answer = failureAnswer(error);
    }
    // A tessera is done with the body by now; what others answer may still be made of it.
    if (isEdge && !incoming.complete) discardRest(incoming, outgoing);
    await deliver(answer, outgoing, onAnswer);
    if (!isEdge && !incoming.complete) discardRest(incoming, outgoing);
  };
}

/** Writes an answer, or says that it could not be written. Never rejects. */
async function deliver(
  answer: Answer,
  outgoing: NodeOutgoing,
  onAnswer: NodeHandlerOptions['onAnswer'],
): Promise<void> {
  try {
    onAnswer?.(answer);
    await writeAnswer(answer, outgoing);
  } catch (error) {
    await giveUpBody(answer);
    // A client that was cut off on purpose is no failure of the handler.
    if (TesseraError.isInstance(error) && error.code === 'client_gone') {
      cutOff(outgoing);
      return;
    }
    const failure = failureAnswer(error);
    if (outgoing.headersSent) cutOff(outgoing);
    else
      await writeAnswer(failure, outgoing).catch(() => {
        cutOff(outgoing);
      });
  }
}

function askWebHandler(mounted: Mountable): Ask {
  return async (request, context) => {
    if (NOT_FOR_THE_WEB.has(request.method)) return notServed('method_not_allowed');
    const path = pathOf(request.url);
    if (CLIMBS.test(path) || !isBelow(context.prefix, path)) return notServed('not_found');
    const webRequest = toWebRequest(request, context.parsedBody !== undefined);
    if (webRequest === undefined) return notServed('invalid_host');
    // Its signal is deaf once nobody holds the request itself.
    held.set(request.outgoing, webRequest);
    return answerOf(mounted, webRequest, context);
  };
}

function isBelow(prefix: string | undefined, path: string): boolean {
  const base = joinPaths(prefix ?? '');
  return base === '/' || path === base || path.startsWith(`${base}/`);
}

/** Whoever calls the handler may pass something else in its third place, such as Connect's `next`. */
function optionsOf(options: NodeHandlerOptions | undefined): NodeHandlerOptions {
  return typeof options === 'object' ? options : {};
}
