import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** What can also take over connections, for WebSockets for example. */
export interface Upgradable {
  /**
   * Takes over a connection whose client asked for an upgrade. Whoever refuses it writes an answer and ends the socket.
   *
   * @param head what the client has sent already behind its request
   */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void | Promise<void>;
}

/** Whether a mounted handler takes over connections. */
export function isUpgradable(handler: object): handler is Upgradable {
  return 'upgrade' in handler && typeof handler.upgrade === 'function';
}

/**
 * Hands the upgrades of a server to a handler. Without one a server answers such requests as if nothing had been asked.
 *
 * @returns ends the connections that were taken over, which a closing server would wait for
 */
export function handOverUpgrades(server: Server, handler: Upgradable): () => void {
  const sockets = new Set<Duplex>();
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // From here on nobody else listens, and an error that nobody hears ends the process.
    socket.on('error', () => {
      socket.destroy();
    });
    const failed = (error: unknown): void => {
      socket.destroy();
      process.emitWarning(error instanceof Error ? error : String(error));
    };
    try {
      Promise.resolve(handler.upgrade(incoming, socket, head)).catch(failed);
    } catch (error) {
      failed(error);
    }
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
