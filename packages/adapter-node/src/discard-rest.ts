import type { NodeIncoming, NodeOutgoing } from './node-messages.js';

/** How much of a refused body is still taken in, so that a client that is busy sending gets to read the answer. */
const MAXIMUM_DISCARDED_BYTES = 4 * 1024 * 1024;

/** Takes the rest of a body nobody wants, up to a bound; beyond it the connection ends. */
export function discardRest(incoming: NodeIncoming, outgoing: NodeOutgoing): void {
  incoming.on('error', () => undefined);
  incoming.resume();
  // In HTTP/2 ending the stream would take the answer with it; there flow control bounds what comes in.
  if ('stream' in outgoing) return;
  let discarded = 0;
  incoming.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAXIMUM_DISCARDED_BYTES) outgoing.destroy();
  });
}
