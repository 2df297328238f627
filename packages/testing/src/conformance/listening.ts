import type { Server } from 'node:http';
import type { Http2Server, Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { FetchHandler } from '@tessera-mcp/core';
import type { Mounted } from './adapter-under-test.js';

/** How long connections that are in use may keep a server from closing, in milliseconds. */
const CLOSE_BOUND_MS = 3000;

const POLL_MS = 10;

/**
 * Listens on 127.0.0.1 at a free port, for the `mount` function of an adapter's tests.
 *
 * `close` does what a careful program does at its end: it drains what is mounted, stops listening, and drops the
 * connections that are idle. It rejects when others keep the server open after that; they are ended all the same.
 */
export async function listening(server: Server | Http2Server, mountable: FetchHandler): Promise<Mounted> {
  const connections = 'closeIdleConnections' in server ? ofHttp1(server) : ofHttp2(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    close: async () => {
      await drain(mountable);
      await closeServer(server, connections);
    },
  };
}

/** How connections are ended. */
interface Connections {
  readonly endIdle: () => void;
  readonly endAll: () => void;
}

function ofHttp1(server: Server): Connections {
  return {
    endIdle: () => {
      server.closeIdleConnections();
    },
    endAll: () => {
      server.closeAllConnections();
    },
  };
}

function ofHttp2(server: Http2Server): Connections {
  const sessions = new Set<Http2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return {
    // A session that is told to close does so when its streams are over.
    endIdle: () => {
      for (const session of sessions) if (!session.closed) session.close();
    },
    endAll: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

function closeServer(server: Server | Http2Server, { endIdle, endAll }: Connections): Promise<void> {
  return new Promise((resolve, reject) => {
    // Connections become idle while the last answers are being written.
    const idle = setInterval(endIdle, POLL_MS);
    const force = setTimeout(() => {
      reject(new Error(`Requests kept the server open for ${String(CLOSE_BOUND_MS)} ms.`));
      endAll();
    }, CLOSE_BOUND_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(force);
      resolve();
    });
    endIdle();
  });
}

/** What a tessera can do besides, and other handlers may. */
type Drainable = FetchHandler & { drain?(): Promise<void> };

async function drain(mountable: Drainable): Promise<void> {
  await mountable.drain?.();
}
