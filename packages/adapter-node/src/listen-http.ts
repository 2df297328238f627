import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TesseraError } from '@tessera-mcp/core';
import { nodeErrors, type NodeErrorCode } from './node-errors.js';

/** A place to listen at. */
export interface ListenAddress {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
}

/** A server that listens. */
export interface Served {
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  /** Scheme, host and port; the endpoint's path comes behind it. */
  readonly origin: string;
  /**
   * Stops listening. Answers that are being written may finish; event streams and idle connections end at once.
   * Resolves when every connection is gone.
   */
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 1000;

/** Bounds that keep slow or hostile clients from holding connections; milliseconds and counts. */
export const SOCKET_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 16_384,
} as const;

const MAXIMUM_HEADERS = 100;

/**
 * Listens with `node:http`, within `SOCKET_LIMITS`. The listener may be the app of a framework.
 *
 * @throws `port_in_use`, `port_not_allowed`, `address_not_available`
 */
export async function listenHttp(listener: RequestListener, at: ListenAddress): Promise<Served> {
  const server = createServer(SOCKET_LIMITS, listener);
  server.maxHeadersCount = MAXIMUM_HEADERS;
  await listen(server, at);
  const { port } = server.address() as AddressInfo;
  const { host } = at;
  return {
    server,
    host,
    port,
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`,
    close: () => closeServer(server),
  };
}

/** Turns what Node says of a port or host it cannot take into an error that names the fix. */
export function listenError(error: NodeJS.ErrnoException, at: ListenAddress): Error {
  const port = String(at.port);
  const known: Partial<Record<string, [NodeErrorCode, string]>> = {
    EADDRINUSE: ['port_in_use', `Port ${port} is in use. Choose another one, or 0 for a free one.`],
    EACCES: [
      'port_not_allowed',
      `Port ${port} may not be taken. Choose one above 1023, or 0 for a free one.`,
    ],
    EADDRNOTAVAIL: [
      'address_not_available',
      `"${at.host}" is no address of this machine. Use "127.0.0.1", or "0.0.0.0" for all addresses.`,
    ],
    ENOTFOUND: [
      'address_not_available',
      `"${at.host}" is not known. Use "127.0.0.1", or "0.0.0.0" for all addresses.`,
    ],
  };
  const entry = known[error.code ?? ''];
  return entry === undefined ? error : new TesseraError(nodeErrors[entry[0]], entry[1], { cause: error });
}

function listen(server: Server, at: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenError(error, at));
    });
    server.listen(at, () => {
      server.removeAllListeners('error');
      // A connection that could not be accepted, for want of file descriptors for example, is no reason to stop.
      server.on('error', (error) => {
        process.emitWarning(error);
      });
      resolve();
    });
  });
}

/** Closes a server without waiting for clients that keep their connections open. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
