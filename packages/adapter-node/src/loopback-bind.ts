import type { Server, Socket } from 'node:net';

const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;

/** Whether a host to listen on can be reached from this machine only. */
export function isLoopbackAddress(host: string): boolean {
  return host === 'localhost' || LOOPBACK_ADDRESS.test(host);
}

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
  // It may listen elsewhere the next time.
  server.once('close', () => known.delete(server));
  return isLoopback;
}

/** What a Web app is told about the connection by `serve`, or by `@hono/node-server`. */
interface ConnectionBindings {
  readonly loopbackBind?: boolean;
  readonly incoming?: { readonly socket: Socket };
}

/** The same for a Web app, which knows of the connection only what its server tells it beside the request. */
export function loopbackBindOf(bindings: unknown): boolean {
  const { loopbackBind = false, incoming } = (bindings ?? {}) as ConnectionBindings;
  return incoming === undefined ? loopbackBind : isLoopbackBind(incoming.socket);
}
