import type { Socket } from 'node:net';
import type { NodeOutgoing } from './node-messages.js';

/**
 * Calls `gone` once, when a response can no longer be delivered, unless the function that is returned is called before. In HTTP/1 a response that waits for an earlier one on
 * the same connection is not told when the connection closes, so the connection itself is watched too.
 */
export function onGone(outgoing: NodeOutgoing, gone: () => void): () => void {
  const socket = connectionOf(outgoing);
  if (isGone(outgoing)) {
    gone();
    return () => undefined;
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
    if (socket !== undefined) watchersOf(socket).delete(onSocketClosed);
    outgoing.removeListener('close', onResponseClosed);
  };
  if (socket !== undefined) watchersOf(socket).add(onSocketClosed);
  outgoing.on('close', onResponseClosed);
  return stopWatching;
}

/**
 * The same for whoever calls the function that is returned in any case, when the answer has begun at the latest. Then an answer of HTTP/1
 * is gone with its connection, which need only be watched once for all that comes over it.
 */
export function onGoneBefore(outgoing: NodeOutgoing, gone: () => void): () => void {
  const socket = connectionOf(outgoing);
  if (socket === undefined || isGone(outgoing)) return onGone(outgoing, gone);
  const told = watchersOf(socket);
  told.add(gone);
  return () => {
    told.delete(gone);
  };
}

/** Whether a response can no longer be written. */
export function isGone(outgoing: NodeOutgoing): boolean {
  if ('stream' in outgoing) return outgoing.stream.destroyed || outgoing.stream.closed;
  return outgoing.destroyed || outgoing.req.socket.destroyed;
}

const HTTP2_INTERNAL_ERROR = 2;

/** Ends a response that cannot be completed, so that the client does not take what it has for the whole. */
export function cutOff(outgoing: NodeOutgoing): void {
  if ('stream' in outgoing) outgoing.stream.close(HTTP2_INTERNAL_ERROR);
  else outgoing.destroy();
}

/** The connection of an HTTP/1 response. One of HTTP/2 carries many streams, each of which is told of its own end. */
function connectionOf(outgoing: NodeOutgoing): Socket | undefined {
  return 'stream' in outgoing ? undefined : outgoing.req.socket;
}

const watchers = new WeakMap<Socket, Set<() => void>>();

/** Who is told when a connection closes. Clients send many requests over one, and each may be watched. */
function watchersOf(socket: Socket): Set<() => void> {
  const known = watchers.get(socket);
  if (known !== undefined) return known;
  const told = new Set<() => void>();
  watchers.set(socket, told);
  socket.once('close', () => {
    for (const tell of told) tell();
  });
  return told;
}
