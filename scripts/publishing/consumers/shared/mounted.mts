import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where something listens, and how to end it. */
export interface Mounted {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Lets a Node server listen on a free port. */
export async function listen(server: Server, path: string): Promise<Mounted> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
