import type { NodeIncoming } from './node-messages.js';

/**
 * What a body parser in front has made of a request's body; undefined when the body is still to be read. Some parsers
 * put an empty object on requests that they have not read.
 */
export function parsedBodyOf(incoming: NodeIncoming, body: unknown): unknown {
  if (incoming.readableDidRead) return body;
  const isEmpty = typeof body !== 'object' || body === null || Object.keys(body).length === 0;
  return isEmpty ? undefined : body;
}
