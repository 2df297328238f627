import { once } from 'node:events';
import { createServer } from 'node:http';

import { toExpressHandler } from '@tessera-mcp/express';
import { FastifyMcpServer } from '@tessera-mcp/fastify';
import { toNodeHandler } from '@tessera-mcp/node';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { openConnection } from '../helpers/connections.js';
import { until } from '../helpers/waiting.js';
import { fastifyApp, listenFastify, listenWith, PathRecorder, tesseraWith } from './helpers/mounts.js';
import { processWarnings } from './helpers/process-events.js';

afterEach(closeEverything);

const PIPELINED = 20;

/** Mounts that answer each request a while after it came, so that those behind it pile up. */
const MOUNTS: Readonly<Record<string, (handler: PathRecorder) => Promise<number>>> = {
  Node: (handler) => {
    const mounted = toNodeHandler(handler);
    return listenWith(createServer((incoming, outgoing) => void mounted(incoming, outgoing)));
  },
  Express: (handler) => listenWith(createServer(express().use('/api', toExpressHandler(handler)))),
  Fastify: async (handler) => {
    const app = fastifyApp();
    await app.register(FastifyMcpServer, { mount: handler, prefix: '/api' });
    return listenFastify(app);
  },
};

class SlowRecorder extends PathRecorder {
  override fetch(request: Request): Response {
    const answer = super.fetch(request);
    // Reading the signal makes it, and so does whatever listens for the client to leave.
    request.signal.addEventListener('abort', () => undefined);
    const body = new ReadableStream<Uint8Array>({
      start: async (sink) => {
        await pause(100);
        sink.enqueue(new Uint8Array(await answer.arrayBuffer()));
        sink.close();
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/plain' } });
  }
}

describe('Many of one kind', () => {
  it('Eleven registrations in one Fastify app are nothing to warn of, also when it closes.', async () => {
    const warnings = processWarnings();
    const app = fastifyApp();
    for (let index = 1; index <= 11; index += 1) {
      const prefix = `/mount-${String(index)}`;
      const mountable = index % 2 === 0 ? { tessera: tesseraWith() } : { mount: new PathRecorder() };
      await app.register(FastifyMcpServer, { ...mountable, prefix });
    }
    const port = await listenFastify(app);
    expect(await (await fetch(`http://127.0.0.1:${String(port)}/mount-11/x`)).text()).toBe('plain');
    expect((await fetch(`http://127.0.0.1:${String(port)}/mount-10/mcp`)).status).toBe(401);
    // A connection on which nothing is asked is one that the closing app has to end.
    const idle = openConnection(port);
    await once(idle, 'connect');
    await app.close();
    await pause(20);
    expect(warnings).toEqual([]);
  });

  it.each(Object.keys(MOUNTS))(
    'Pipelined requests to a plain handler on %s are nothing to warn of.',
    async (name) => {
      const warnings = processWarnings();
      const handler = new SlowRecorder();
      const socket = openConnection((await MOUNTS[name]?.(handler)) ?? 0);
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
      for (const method of ['GET', 'POST']) {
        const length = method === 'POST' ? 'content-length: 4\r\n' : '';
        const body = method === 'POST' ? 'body' : '';
        socket.write(
          `${method} /api/x HTTP/1.1\r\nhost: 127.0.0.1\r\n${length}\r\n${body}`.repeat(PIPELINED),
        );
      }
      await until(() => {
        expect(text.match(/^HTTP\/1\.1 200 /gm)).toHaveLength(2 * PIPELINED);
      });
      await pause(20);
      expect(handler.paths).toHaveLength(2 * PIPELINED);
      expect(warnings).toEqual([]);
    },
  );
});
