import { refuse } from '../errors/to-answer.js';
import type { Limits } from '../limits/limits.js';
import { classifyMessage } from '../shared/classify-message.js';
import type { Answer, EdgeRequest, RequestContext } from '../shared/edge.js';
import type { JsonRpcMessage } from '../shared/json-rpc.js';
import { JSON_TYPE, STREAM_TYPE, acceptedBy, mediaTypeOf } from '../shared/media-type.js';
import { eraOf, isStateless } from './era.js';
import type { IncomingMessages, StatelessBody } from './incoming-messages.js';
import { rawTextOf, readBody } from './read-body.js';

/** How much a POST may bring. */
export type BodyLimits = Pick<Limits, 'bodyBytes' | 'batchMessages'>;

/** Reads the message or messages of a POST: the body is read once, bounded, and parsed once. */
export async function readMessage(
  request: EdgeRequest,
  context: RequestContext,
  limits: BodyLimits,
): Promise<IncomingMessages | StatelessBody | Answer> {
  // Clients of the stateless era need not say what they accept.
  const refused = refuseUnlessBoth(request);
  if (refused !== undefined && eraOf(request) === 'session') return refused;
  if (mediaTypeOf(request.headers.get('content-type')) !== JSON_TYPE) {
    return refuse('unsupported_media_type', `The Content-Type must be ${JSON_TYPE}.`);
  }
  const { bodyBytes, batchMessages } = limits;
  let parsed = context.parsedBody;
  const text = parsed === undefined ? await readBody(request, bodyBytes) : rawTextOf(parsed, bodyBytes);
  if (text !== undefined) {
    try {
      parsed = JSON.parse(text);
    } catch {
      return refuse('parse_failed', 'The body is not JSON.');
    }
  }
  const stateless = isStateless(request, parsed);
  // Who waits for nothing is not held up.
  if (stateless === true || (stateless !== false && (await stateless))) return { body: parsed };
  if (refused !== undefined) return refused;
  if (!Array.isArray(parsed)) {
    const message = classifyMessage(parsed);
    return typeof message === 'string' ? notAMessage(message) : { messages: [message], batch: false };
  }
  if (parsed.length === 0) return refuse('parse_failed', 'The batch is empty.');
  if (parsed.length > batchMessages) {
    return refuse('batch_too_large', `A batch may hold ${String(batchMessages)} messages.`);
  }
  return toMessages(parsed);
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

function toMessages(values: readonly unknown[]): IncomingMessages | Answer {
  const messages: JsonRpcMessage[] = [];
  for (const value of values) {
    const message = classifyMessage(value);
    if (typeof message === 'string') return notAMessage(message);
    messages.push(message);
  }
  return { messages, batch: true };
}

function notAMessage(problem: string): Answer {
  return refuse('parse_failed', `The body is not a JSON-RPC message: ${problem}.`);
}
