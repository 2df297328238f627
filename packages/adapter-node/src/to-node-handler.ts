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
    const options = optionsOf(given);
    let answer: Answer;
    try {
      const repeated = duplicateHeader(incoming.rawHeaders);
      answer =
        repeated === undefined
          ? await ask(new NodeRequest(incoming, outgoing, options.url), contextOf(incoming, options))
          : duplicateHeaderAnswer(repeated);
    } catch (error) {
      if (options.onError !== undefined) {
        options.onError(error);
        return;
      }
      answer = failureAnswer(error);
    }
    // A tessera is done with the body by now; what others answer may still be made of it.
    if (isEdge && !incoming.complete) discardRest(incoming, outgoing);
    const written = deliver(answer, outgoing, options.onAnswer);
    if (written !== undefined) await written;
    if (!isEdge && !incoming.complete) discardRest(incoming, outgoing);
  };
}

/** Writes an answer, or says that it could not be written. Neither throws nor rejects; a promise only where it takes a while. */
function deliver(
  answer: Answer,
  outgoing: NodeOutgoing,
  onAnswer: NodeHandlerOptions['onAnswer'],
): Promise<void> | undefined {
  try {
    onAnswer?.(answer);
    return writeAnswer(answer, outgoing)?.catch((error: unknown) => notDelivered(error, answer, outgoing));
  } catch (error) {
    return notDelivered(error, answer, outgoing);
  }
}

async function notDelivered(error: unknown, answer: Answer, outgoing: NodeOutgoing): Promise<void> {
  await giveUpBody(answer);
  // A client that was cut off on purpose is no failure of the handler.
  if (TesseraError.isInstance(error) && error.code === 'client_gone') {
    cutOff(outgoing);
    return;
  }
  const failure = failureAnswer(error);
  if (outgoing.headersSent) {
    cutOff(outgoing);
    return;
  }
  try {
    await writeAnswer(failure, outgoing);
  } catch {
    cutOff(outgoing);
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

const NO_OPTIONS: NodeHandlerOptions = Object.freeze({});

/** Whoever calls the handler may pass something else in its third place, such as Connect's `next`. */
function optionsOf(options: NodeHandlerOptions | undefined): NodeHandlerOptions {
  return typeof options === 'object' ? options : NO_OPTIONS;
}

/** What a request has for its context when a server is there for one handler alone. */
const BOUND = {
  toLoopback: Object.freeze({ loopbackBind: true }),
  elsewhere: Object.freeze({ loopbackBind: false }),
};

function contextOf({ socket }: NodeIncoming, options: NodeHandlerOptions): RequestContext {
  const loopbackBind = isLoopbackBind(socket);
  if (options === NO_OPTIONS) return loopbackBind ? BOUND.toLoopback : BOUND.elsewhere;
  const { parsedBody, prefix, endpoint, onAuthenticated } = options;
  const context: { -readonly [Name in keyof RequestContext]: RequestContext[Name] } = { loopbackBind };
  if (parsedBody !== undefined) context.parsedBody = parsedBody;
  if (prefix !== undefined) context.prefix = prefix;
  if (endpoint !== undefined) context.endpoint = endpoint;
  if (onAuthenticated !== undefined) context.onAuthenticated = onAuthenticated;
  return context;
}
