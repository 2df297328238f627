import { createServer, type Server } from 'node:net';

/** A listening socket that has nothing to do with MCP. */
export async function occupyPort(port = 0): Promise<{ port: number; free: () => Promise<void> }> {
  const socket = createServer();
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: portOf(socket),
    free: () =>
      new Promise((resolve) =>
        socket.close(() => {
          resolve();
        }),
      ),
  };
}

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const { port, free } = await occupyPort();
  await free();
  return port;
}

function portOf(socket: Server): number {
  const address = socket.address();
  if (address === null || typeof address === 'string') throw new Error('Not a TCP socket.');
  return address.port;
}
