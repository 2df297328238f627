import type { Server, Socket } from 'node:net';

const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;

const known = new WeakMap<Server, boolean>();

/**
 * Whether the server that accepted a connection listens on a loopback address only. The address of the connection
 * would not tell: a server that listens everywhere is reached over loopback too.
 */
export function isLoopbackBind(socket: Socket): boolean {
  const server = (socket as Socket & { readonly server?: Server }).server;
  if (server === undefined) return false;
  const remembered = known.get(server);
  if (remembered !== undefined) return remembered;
  const address = server.address();
  const isLoopback =
    typeof address === 'object' && address !== null && LOOPBACK_ADDRESS.test(address.address);
  known.set(server, isLoopback);
  return isLoopback;
}
