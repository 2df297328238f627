import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Listening } from './adapters.js';

/** What the proxy is in front of, and the token that it adds. */
export interface BearerProxyOptions {
  readonly origin: string;
  readonly token: string;
}

/** A bearer proxy that listens. */
export interface BearerProxy extends Listening {
  /** How many requests were answered well, by the revision they named. */
  readonly spoken: ReadonlyMap<string, number>;
}

/**
 * Listens on a free port of 127.0.0.1 and passes everything on with a bearer token, because the suite cannot send one.
 * All else is left as it is, `Host` and `Origin` included: one of the scenarios is about them. Streams in both
 * directions, and whoever leaves is gone on the other side too.
 */
export async function startBearerProxy({ origin, token }: BearerProxyOptions): Promise<BearerProxy> {
  const { hostname, port } = new URL(origin);
  const spoken = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const passedOn = request({
      host: hostname,
      port,
      method,
      path,
      headers: { ...endToEnd(headers), authorization: `Bearer ${token}` },
      agent: false,
    });
    passedOn.on('response', (answer) => {
      const revision = headers['mcp-protocol-version'];
      if (typeof revision === 'string' && answer.statusCode !== undefined && answer.statusCode < 300)
        spoken.set(revision, (spoken.get(revision) ?? 0) + 1);
      outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.headers));
      // A stream may have nothing to say for long.
      outgoing.flushHeaders();
      answer.on('error', () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    passedOn.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passedOn.destroy());
    incoming.pipe(passedOn);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port: own } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${String(own)}`, spoken, close: () => closeNow(server) };
}

/** `Connection` is between two neighbours, and each side has its own. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const others = { ...headers };
  delete others.connection;
  delete others['keep-alive'];
  return others;
}

function closeNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
