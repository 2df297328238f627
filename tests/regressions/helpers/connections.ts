import { connect, type AddressInfo, type Server, type Socket } from 'node:net';

import { closeLater } from '../../session-era/helpers/cleanup.js';
import { headersOf, type CallerOptions } from '../../session-era/helpers/session.js';

/** A connection on which the test writes what it wants, and reads only if it wants to. */
export function openConnection(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  closeLater(() => socket.destroy());
  return socket;
}

/** A request to the endpoint as it goes over the wire; `length` announces a body of another length. */
export function requestText(method: string, caller: CallerOptions, body = '', length = body.length): string {
  const headers = Object.entries(headersOf(caller, method)).map(([name, value]) => `${name}: ${value}`);
  const announced = method === 'POST' ? [`content-length: ${String(length)}`] : [];
  const lines = [`${method} /mcp HTTP/1.1`, 'host: 127.0.0.1', ...headers, ...announced];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** How many connections a server holds. */
export function countConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

/** Listens on a free port, and returns it. */
export async function listenOn(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Stops listening, and resolves when every connection is gone. */
export function stopListening(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections?.();
  });
}
