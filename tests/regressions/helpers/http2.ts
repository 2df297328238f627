import { connect, createServer, type ClientHttp2Session } from 'node:http2';

import { toNodeHandler } from '@tessera-mcp/node';

import { closeLater } from '../../session-era/helpers/cleanup.js';
import type { World } from '../../session-era/helpers/world.js';
import { listenOn, stopListening } from './connections.js';

/** A world that is reached over HTTP/2. */
interface OverHttp2 {
  /** Makes a connection. */
  readonly connect: () => ClientHttp2Session;
  /** Requests that came, handlers that are done with them, and streams that are over. */
  readonly count: { came: number; settled: number; over: number };
}

/** Puts a world on a server of HTTP/2. */
export async function serveHttp2(world: World): Promise<OverHttp2> {
  const handler = toNodeHandler(world.tessera);
  const count = { came: 0, settled: 0, over: 0 };
  const server = createServer((incoming, outgoing) => {
    count.came += 1;
    incoming.stream.once('close', () => (count.over += 1));
    void handler(incoming, outgoing).then(() => (count.settled += 1));
  });
  closeLater(() => stopListening(server));
  const address = `http://127.0.0.1:${String(await listenOn(server))}`;
  return {
    count,
    connect: () => {
      // What waits to be sent counts as memory of the session, of which Node's client allows 10 MB by itself.
      const client = connect(address, { maxSessionMemory: 100 });
      client.on('error', () => undefined);
      closeLater(() => {
        client.destroy();
      });
      return client;
    },
  };
}
