import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Connections on which nothing is being answered. Clients keep some open that never carried a request, and a closing
 * server would wait for those until they time out.
 */
export class IdleConnections {
  readonly #open = new Map<Socket, number>();
  #ending = false;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#change(socket, 0);
      socket.once('close', () => this.#open.delete(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      this.#change(socket, 1);
      response.once('close', () => {
        this.#change(socket, -1);
      });
    });
  }

  /** Ends the connections that are idle, and each other one when it becomes so. */
  end(): void {
    this.#ending = true;
    for (const socket of this.#open.keys()) this.#change(socket, 0);
  }

  #change(socket: Socket, by: 0 | 1 | -1): void {
    const requests = (this.#open.get(socket) ?? 0) + by;
    if (socket.destroyed) return;
    this.#open.set(socket, requests);
    if (this.#ending && requests === 0) socket.destroySoon();
  }
}
