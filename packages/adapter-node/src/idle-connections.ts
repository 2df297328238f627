import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

const known = new WeakMap<object, IdleConnections>();

/**
 * Connections of a `node:http` or `node:https` server on which nothing is being answered. Clients keep some open that never
 * carried a request, and a closing server would wait for those until they time out. HTTP/2 has a way of its own to end
 * connections, so those are left to it.
 */
export class IdleConnections {
  readonly #open = new Map<Socket, number>();
  #ending = false;

  /** Those of a server, which are counted once however many ask. */
  static of(server: Server): IdleConnections {
    const connections = known.get(server) ?? new IdleConnections(server);
    known.set(server, connections);
    return connections;
  }

  private constructor(server: Server) {
    // Only servers of HTTP/2 have settings to tell.
    if ('updateSettings' in server) return;
    // Requests on TLS come from another socket than the one that was accepted.
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#add(socket);
      // A client that comes while the server closes would keep it open.
      this.#endIfIdle(socket);
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#change(socket, 1);
      response.once('close', () => {
        this.#change(socket, -1);
      });
    });
  }

  /** Ends the connections that are idle, and each other one when it becomes so. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    for (const socket of this.#open.keys()) this.#endIfIdle(socket);
  }

  #add(socket: Socket): void {
    this.#open.set(socket, 0);
    socket.once('close', () => this.#open.delete(socket));
  }

  #change(socket: Socket, by: 1 | -1): void {
    if (socket.destroyed) return;
    if (!this.#open.has(socket)) this.#add(socket);
    this.#open.set(socket, (this.#open.get(socket) ?? 0) + by);
    this.#endIfIdle(socket);
  }

  #endIfIdle(socket: Socket): void {
    if (this.#ending && this.#open.get(socket) === 0) socket.destroySoon();
  }
}
