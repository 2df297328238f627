import { createServer } from 'node:http';

import { toExpressHandler } from '@tessera-mcp/express';
import { FastifyMcpServer } from '@tessera-mcp/fastify';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { openConnection } from '../helpers/connections.js';
import { until, within } from '../helpers/waiting.js';
import { EventSource, untilFull } from './helpers/event-source.js';
import { fastifyApp, listenFastify, listenWith } from './helpers/mounts.js';
import { uncaughtErrors } from './helpers/process-events.js';

afterEach(closeEverything);

const REQUEST = 'GET /api/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n';

describe('A stream whose client has stopped to read, and whose answer somebody else ends', () => {
  it('Is cancelled in Express, and nothing is written after the end.', async () => {
    const errors = uncaughtErrors();
    const source = new EventSource();
    let end = (): void => undefined;
    const app = express().use((_request, response, next) => {
      end = () => void response.end();
      next();
    });
    app.use('/api', toExpressHandler(source));
    const socket = openConnection(await listenWith(createServer(app)));
    socket.pause();
    socket.write(REQUEST);
    await untilFull(source);
    end();
    await pause(20);
    socket.resume();
    await until(() => {
      expect(source.cancelled).toBe(true);
    });
    socket.destroy();
    await pause(50);
    expect(errors).toEqual([]);
  });

  it('Is cancelled in Fastify when the app closes, and nothing is written after the end.', async () => {
    const errors = uncaughtErrors();
    const source = new EventSource();
    const app = fastifyApp();
    app.addHook('onRequest', async (_request, reply) => void reply.header('x-hook', '1'));
    await app.register(FastifyMcpServer, { mount: source, prefix: '/api' });
    const socket = openConnection(await listenFastify(app));
    socket.pause();
    socket.write(REQUEST);
    await untilFull(source);
    const closed = app.close();
    await pause(20);
    socket.resume();
    await within(5000, closed);
    await until(() => {
      expect(source.cancelled).toBe(true);
    });
    await pause(50);
    expect(errors).toEqual([]);
  });

  it('Is cancelled in Fastify also when its client never reads again.', async () => {
    const errors = uncaughtErrors();
    const source = new EventSource();
    const app = fastifyApp();
    app.addHook('onRequest', async (_request, reply) => void reply.header('x-hook', '1'));
    await app.register(FastifyMcpServer, { mount: source, prefix: '/api' });
    const socket = openConnection(await listenFastify(app));
    socket.pause();
    socket.write(REQUEST);
    await untilFull(source);
    await within(10_000, app.close());
    await until(() => {
      expect(source.cancelled).toBe(true);
    });
    expect(errors).toEqual([]);
  });
});
