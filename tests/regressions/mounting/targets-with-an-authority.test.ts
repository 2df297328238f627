import { createServer } from 'node:http';

import { toExpressHandler } from '@tessera-mcp/express';
import { toNodeHandler } from '@tessera-mcp/node';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { rawRequest } from '../../session-era/helpers/raw.js';
import { listenWith, PathRecorder } from './helpers/mounts.js';
import { processWarnings } from './helpers/process-events.js';

afterEach(closeEverything);

interface Mounted {
  readonly port: number;
  readonly handler: PathRecorder;
  /** What was given to `onError`, or to the app's error handler. */
  readonly errors: unknown[];
}

const MOUNTS: Readonly<Record<string, () => Promise<Mounted>>> = {
  Node: async () => {
    const [handler, errors]: [PathRecorder, unknown[]] = [new PathRecorder(), []];
    const mounted = toNodeHandler(handler);
    const onError = (error: unknown): void => void errors.push(error);
    const server = createServer((incoming, outgoing) => void mounted(incoming, outgoing, { onError }));
    return { port: await listenWith(server), handler, errors };
  },
  'Node without onError': async () => {
    const handler = new PathRecorder();
    const mounted = toNodeHandler(handler);
    const server = createServer((incoming, outgoing) => void mounted(incoming, outgoing));
    return { port: await listenWith(server), handler, errors: [] };
  },
  Express: async () => {
    const [handler, errors]: [PathRecorder, unknown[]] = [new PathRecorder(), []];
    const app = express().use(toExpressHandler(handler));
    const onError: express.ErrorRequestHandler = (error, _request, _response, next) => {
      errors.push(error);
      next(error);
    };
    app.use(onError);
    return { port: await listenWith(createServer(app)), handler, errors };
  },
};

const REFUSED = [
  'http://u:p@h/x',
  'http://u@h/x',
  'http://:p@h/x',
  'foo://evil/x',
  'ftp://evil/x',
  'ws://127.0.0.1/x',
];

/** Targets of which a server may make what it can. */
const MALFORMED = ['http://a:b:c/x', 'http:///x', 'http://127.0.0.1:99999/x', 'http://[::1/x'];

describe.each(Object.keys(MOUNTS))(
  'A request target with an authority, for a plain handler on %s',
  (name) => {
    it.each(REFUSED)('%s is refused with 400, and is no error of the server.', async (target) => {
      const warnings = processWarnings();
      const { port, handler, errors } = (await MOUNTS[name]?.()) ?? {
        port: 0,
        handler: undefined,
        errors: [],
      };
      for (const method of ['GET', 'POST']) {
        const length = method === 'POST' ? ['content-length: 0'] : [];
        const { status } = await rawRequest(port, [
          `${method} ${target} HTTP/1.1`,
          'host: 127.0.0.1',
          ...length,
        ]);
        expect(status).toBe(400);
      }
      await pause(10);
      expect(handler?.paths).toEqual([]);
      expect(errors).toEqual([]);
      expect(warnings).toEqual([]);
    });

    it.each(MALFORMED)('%s is no error of the server, and leads to no other path.', async (target) => {
      const warnings = processWarnings();
      const { port, handler, errors } = (await MOUNTS[name]?.()) ?? {
        port: 0,
        handler: undefined,
        errors: [],
      };
      const { status } = await rawRequest(port, [`GET ${target} HTTP/1.1`, 'host: 127.0.0.1']);
      await pause(10);
      expect([200, 400, 404]).toContain(status);
      expect(handler?.paths).toEqual(status === 200 ? ['/x'] : []);
      expect(errors).toEqual([]);
      expect(warnings.filter((warning) => !warning.startsWith('DeprecationWarning'))).toEqual([]);
    });

    it('A well-made one is answered.', async () => {
      const { port, handler } = (await MOUNTS[name]?.()) ?? { port: 0, handler: undefined };
      const { status } = await rawRequest(port, ['GET http://127.0.0.1/x HTTP/1.1', 'host: 127.0.0.1']);
      expect([status, handler?.paths]).toEqual([200, ['/x']]);
    });
  },
);
