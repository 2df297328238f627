import type { Socket } from 'node:net';
import type { NodeOutgoing } from './node-messages.js';

/**
 * Calls `gone` once, when a response can no longer be delivered. In HTTP/1 a response that waits for an earlier one on
 * the same connection is not told when the connection closes, so the connection itself is watched too.
 */
export function onGone(outgoing: NodeOutgoing, gone: () => void): void {
  const socket = connectionOf(outgoing);
  if (isGone(outgoing)) {
    gone();
    return;
  }
  const onSocketClosed = (): void => {
    stopWatching();
    gone();
  };
  const onResponseClosed = (): void => {
    stopWatching();
    // In HTTP/2 a stream that was reset has "finished" too; there only an answer we have ended is complete.
    const complete = 'stream' in outgoing ? outgoing.writableEnded : outgoing.writableFinished;
    if (!complete) gone();
  };
  const stopWatching = (): void => {
    socket?.removeListener('close', onSocketClosed);
    outgoing.removeListener('close', onResponseClosed);
  };
  socket?.once('close', onSocketClosed);
  outgoing.once('close', onResponseClosed);
}

/** Whether a response can no longer be written. */
export function isGone(outgoing: NodeOutgoing): boolean {
  if ('destroyed' in outgoing && outgoing.destroyed) return true;
  return connectionOf(outgoing)?.destroyed === true;
}

/** The connection of an HTTP/1 response. One of HTTP/2 carries many streams, each of which is told of its own end. */
function connectionOf(outgoing: NodeOutgoing): Socket | undefined {
  return 'stream' in outgoing ? undefined : outgoing.req.socket;
}
