import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { closeLater } from '../../helpers/cleanup.js';

/** How a connection is lost. */
export interface Cut {
  readonly name: string;
  /** Whether the client sees a reset instead of an end. */
  readonly reset: boolean;
  /** Whether the server notices: behind a lost network it goes on writing to a connection that leads nowhere. */
  readonly serverNotices: boolean;
}

export const CUTS: readonly Cut[] = [
  { name: 'ended', reset: false, serverNotices: true },
  { name: 'reset', reset: true, serverNotices: true },
  { name: 'ended, unnoticed by the server', reset: false, serverNotices: false },
];

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Stands between clients and a server, and cuts their connections when told. */
export interface CuttingProxy {
  readonly port: number;
  /** Cuts all connections; new ones are let through. */
  cut(how: Cut): void;
}

/** Starts a proxy in front of a port of this machine; it is closed after the test. */
export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const pairs = new Set<Pair>();
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(targetPort, '127.0.0.1');
    const pair = { client, server };
    pairs.add(pair);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(server);
    server.pipe(client);
    client.on('close', () => {
      // A pair that was cut is no longer in the set: what becomes of the other side was decided then.
      if (pairs.delete(pair)) server.destroy();
    });
    server.on('close', () => {
      if (pairs.delete(pair)) client.destroy();
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  closeLater(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return {
    port: (proxy.address() as AddressInfo).port,
    cut: ({ reset, serverNotices }) => {
      for (const { client, server } of [...pairs]) {
        server.unpipe(client);
        client.unpipe(server);
        // What still comes is read and thrown away, as by a network that leads nowhere.
        server.resume();
        if (serverNotices) server.destroy();
        if (reset) client.resetAndDestroy();
        else client.destroy();
      }
      pairs.clear();
    },
  };
}
