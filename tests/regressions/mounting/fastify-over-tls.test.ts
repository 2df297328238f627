import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { Agent, get } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { FastifyMcpServer } from '@tessera-mcp/fastify';
import Fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { closeEverything, closeLater } from '../../session-era/helpers/cleanup.js';
import { until, within } from '../helpers/waiting.js';
import { selfSigned } from './helpers/certificate.js';
import { countHeld } from './helpers/garbage.js';
import { PathRecorder, tesseraWith } from './helpers/mounts.js';

afterEach(closeEverything);

const certificate = selfSigned();

const CONNECTIONS = 8;

/** The status and the body of an answer over HTTPS. */
async function askTls(port: number, path: string, agent: Agent): Promise<[number | undefined, string]> {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent, rejectUnauthorized: false }, resolve).on('error', reject);
  });
  return [incoming.statusCode, await text(incoming)];
}

function newAgent(keepAlive: boolean): Agent {
  const agent = new Agent({ keepAlive });
  closeLater(() => {
    agent.destroy();
  });
  return agent;
}

/** The status and the body of an answer over HTTP/2. */
async function askHttp2(session: ClientHttp2Session, path: string): Promise<[number | undefined, string]> {
  const stream = session.request({ ':path': path });
  const status = new Promise<number | undefined>((resolve, reject) => {
    stream.on('error', reject);
    stream.once('response', (headers) => {
      resolve(headers[':status']);
    });
    stream.once('close', () => {
      reject(new Error('The stream closed before an answer came.'));
    });
  });
  return [await status, await text(stream)];
}

describe.skipIf(certificate === undefined)('The Fastify plugin on https', () => {
  it('Forgets connections when they close.', async () => {
    const app = Fastify({ https: { ...certificate } });
    closeLater(() => app.close());
    await app.register(FastifyMcpServer, { mount: new PathRecorder(), prefix: '/api' });
    const sockets: WeakRef<object>[] = [];
    let open = 0;
    app.server.on('secureConnection', (socket) => {
      sockets.push(new WeakRef(socket));
      open += 1;
      socket.once('close', () => (open -= 1));
    });
    const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
    for (let index = 0; index < CONNECTIONS; index += 1) {
      expect(await askTls(port, '/api/x', newAgent(false))).toEqual([200, 'plain']);
    }
    await until(() => {
      expect([sockets.length, open]).toEqual([CONNECTIONS, 0]);
    });
    // The server itself may still hold on to the last one.
    expect(await countHeld(sockets)).toBeLessThanOrEqual(1);
  });

  it('Lets the slow answer of another route finish when the app closes, and does not wait for idle connections.', async () => {
    const app = Fastify({ https: { ...certificate } });
    closeLater(() => app.close());
    const [asked, finished] = [gate(), gate()];
    app.get('/slow', async () => {
      asked.open();
      await finished.opened;
      return 'slow, but whole';
    });
    await app.register(FastifyMcpServer, { tessera: tesseraWith() });
    const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
    expect((await askTls(port, '/mcp', newAgent(true)))[0]).toBe(401);
    const slow = askTls(port, '/slow', newAgent(true));
    await asked.opened;
    const closed = app.close();
    setTimeout(finished.open, 600);
    expect(await within(5000, slow)).toEqual([200, 'slow, but whole']);
    await within(5000, closed);
  });
});

/** An app that listens with HTTP/2. */
interface Http2App {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

type SlowAnswer = () => Promise<string>;

/** Each has the route `/slow` and a tessera beside it. */
const HTTP2_APPS: Readonly<Record<string, (slow: SlowAnswer) => Promise<Http2App>>> = {
  cleartext: async (slow) => {
    const app = Fastify({ http2: true });
    app.get('/slow', slow);
    await app.register(FastifyMcpServer, { tessera: tesseraWith() });
    return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
  },
  TLS: async (slow) => {
    const app = Fastify({ http2: true, https: { ...certificate } });
    app.get('/slow', slow);
    await app.register(FastifyMcpServer, { tessera: tesseraWith() });
    return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
  },
};

describe.each(Object.keys(HTTP2_APPS))('The Fastify plugin on http2 over %s', (way) => {
  it.skipIf(way === 'TLS' && certificate === undefined)(
    'Lets the slow answer of another route finish when the app closes.',
    async () => {
      const [asked, finished] = [gate(), gate()];
      const app = await HTTP2_APPS[way]?.(async () => {
        asked.open();
        await finished.opened;
        return 'slow, but whole';
      });
      closeLater(() => app?.close());
      const session = connectHttp2(app?.origin ?? '', { rejectUnauthorized: false });
      session.on('error', () => undefined);
      closeLater(() => {
        session.destroy();
      });
      expect((await askHttp2(session, '/mcp'))[0]).toBe(401);
      const slow = askHttp2(session, '/slow');
      await asked.opened;
      const closed = app?.close();
      setTimeout(finished.open, 600);
      expect(await within(5000, slow)).toEqual([200, 'slow, but whole']);
      // Fastify leaves it to its clients to end connections of HTTP/2.
      session.close();
      await within(5000, Promise.resolve(closed));
    },
  );
});
