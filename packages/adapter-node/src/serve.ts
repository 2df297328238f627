import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TesseraError, type Tessera } from '@tessera-mcp/core';
import { isLoopbackAddress } from './loopback-bind.js';
import { nodeErrors, type NodeErrorCode } from './node-errors.js';
import { toServedHandler } from './served-handler.js';

/** Where to listen. */
export interface ServeOptions {
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
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
 * Serves a tessera on a server of its own, with `GET /health` and `GET /ready` beside the endpoint. It installs no
 * signal handlers.
 *
 * @throws `anonymous_bind`, `port_in_use`, `port_not_allowed`, `address_not_available`
 */
export async function serve(tessera: Tessera, options: ServeOptions = {}): Promise<Served> {
  const { port = 0, host = '127.0.0.1' } = options;
  if (!tessera.requiresToken && !isLoopbackAddress(host)) {
    throw new TesseraError(
      nodeErrors.anonymous_bind,
      `auth: 'none' lets everybody in, so "${host}" is not listened on. Use "127.0.0.1", or require tokens.`,
    );
  }
  const handler = toServedHandler(tessera);
  const server = createServer(SOCKET_LIMITS, (incoming, outgoing) => {
    void handler(incoming, outgoing);
  });
  server.maxHeadersCount = MAXIMUM_HEADERS;
  await listen(server, { port, host });
  const taken = (server.address() as AddressInfo).port;
  return {
    server,
    host,
    port: taken,
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${String(taken)}`,
    close: () => closeServer(server),
  };
}

/** Turns what Node says of a port or host it cannot take into an error that names the fix. */
export function listenError(error: NodeJS.ErrnoException, at: { port: number; host: string }): Error {
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

function listen(server: Server, at: { port: number; host: string }): Promise<void> {
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
