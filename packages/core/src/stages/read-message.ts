import { refuse } from '../errors/to-answer.js';
import type { Limits } from '../limits/limits.js';
import { classifyMessage } from '../shared/classify-message.js';
import type { Answer, EdgeRequest, RequestContext } from '../shared/edge.js';
import type { JsonRpcMessage } from '../shared/json-rpc.js';
import { JSON_TYPE, STREAM_TYPE, acceptedBy, mediaTypeOf } from '../shared/media-type.js';
import { eraOf, isStateless } from './era.js';
import type { IncomingMessages, StatelessBody } from './incoming-messages.js';
import { bodyError, rawTextOf, readBody, refuseTooLarge } from './read-body.js';

/** How much a POST may bring. */
export type BodyLimits = Pick<Limits, 'bodyBytes' | 'batchMessages'>;

/** What a POST has brought, or the answer that ends its way. */
type Read = IncomingMessages | StatelessBody | Answer;

/**
 * Reads the message or messages of a POST: the body is read once, bounded, and parsed once.
 *
 * @throws `body_too_large`, `body_already_read`, `client_gone`, or rejects with one of them
 */
export function readMessage(
  request: EdgeRequest,
  { parsedBody }: RequestContext,
  { bodyBytes, batchMessages }: BodyLimits,
): Read | Promise<Read> {
  // Clients of the stateless era need not say what they accept.
  const refused = refuseUnlessBoth(request);
  if (refused !== undefined && eraOf(request) === 'session') return refused;
  if (mediaTypeOf(request.headers.get('content-type')) !== JSON_TYPE) {
    return refuse('unsupported_media_type', `The Content-Type must be ${JSON_TYPE}.`);
  }
  const take = (body: unknown): Read | Promise<Read> => takeBody(request, body, { refused, batchMessages });
  if (parsedBody !== undefined) {
    const text = rawTextOf(parsedBody, bodyBytes);
    return text === undefined ? take(parsedBody) : parseBody(text, take);
  }
  return readBody(request, bodyBytes).then(
    (text) => {
      refuseTooLarge(text, bodyBytes);
      return parseBody(text, take);
    },
    (thrown: unknown) => {
      throw bodyError(thrown);
    },
  );
}

function parseBody(text: string, take: (body: unknown) => Read | Promise<Read>): Read | Promise<Read> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse('parse_failed', 'The body is not JSON.');
  }
  return take(body);
}

/** @param refused the answer to a client of the session era that does not accept what it would be given */
function takeBody(
  request: EdgeRequest,
  body: unknown,
  { refused, batchMessages }: { readonly refused: Answer | undefined; readonly batchMessages: number },
): Read | Promise<Read> {
  const stateless = isStateless(request, body);
  if (stateless === true) return { body };
  if (stateless === false) return refused ?? toMessages(body, batchMessages);
  return stateless.then((isIt) => (isIt ? { body } : (refused ?? toMessages(body, batchMessages))));
}

function refuseUnlessBoth(request: EdgeRequest): Answer | undefined {
  const { json, stream } = acceptedBy(request.headers.get('accept'));
  if (json && stream) return undefined;
  return refuse('not_acceptable', `The Accept header must admit ${JSON_TYPE} and ${STREAM_TYPE}.`);
}

/** The answer to a GET whose client does not want a stream; undefined when it does. */
export function refuseUnlessStream(request: EdgeRequest): Answer | undefined {
  if (acceptedBy(request.headers.get('accept')).stream) return undefined;
  return refuse('not_acceptable', `The Accept header must admit ${STREAM_TYPE}.`);
}

function toMessages(body: unknown, batchMessages: number): IncomingMessages | Answer {
  if (!Array.isArray(body)) {
    const message = classifyMessage(body);
    return typeof message === 'string' ? notAMessage(message) : { messages: [message], batch: false };
  }
  if (body.length === 0) return refuse('parse_failed', 'The batch is empty.');
  if (body.length > batchMessages) {
    return refuse('batch_too_large', `A batch may hold ${String(batchMessages)} messages.`);
  }
  const messages: JsonRpcMessage[] = [];
  for (const value of body) {
    const message = classifyMessage(value);
    if (typeof message === 'string') return notAMessage(message);
    messages.push(message);
  }
  return { messages, batch: true };
}

function notAMessage(problem: string): Answer {
  return refuse('parse_failed', `The body is not a JSON-RPC message: ${problem}.`);
}
