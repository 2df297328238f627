import { createServer } from 'node:http';

import { toExpressHandler } from '@tessera-mcp/express';
import { toNodeHandler } from '@tessera-mcp/node';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { until } from '../helpers/waiting.js';
import { ask, listenWith } from './helpers/mounts.js';
import { uncaughtErrors } from './helpers/process-events.js';

afterEach(closeEverything);

/** A handler whose stream comes when somebody else has begun to answer, and which tells whether it was cancelled. */
function lateStream(headers: Record<string, string>): {
  readonly fetch: () => Promise<Response>;
  readonly cancelled: () => number;
} {
  let cancelled = 0;
  return {
    cancelled: () => cancelled,
    fetch: async () => {
      await pause(30);
      const body = new ReadableStream<Uint8Array>({
        start: (sink) => {
          sink.enqueue(new TextEncoder().encode('ours'));
        },
        cancel: () => {
          cancelled += 1;
        },
      });
      return new Response(body, { headers });
    },
  };
}

describe.each([
  ['can be written', { 'x-own': '1' }],
  ['cannot be written', { 'x-own': 'a\u0001b' }],
])('An answer that %s where other middleware has answered already', (_how, headers) => {
  it('Leaves a whole answer as it is, and its own stream is cancelled.', async () => {
    const errors = uncaughtErrors();
    const handler = lateStream(headers);
    const app = express().use((_request, response, next) => {
      response.setHeader('content-type', 'text/plain');
      next();
      response.end('theirs');
    });
    app.use(toExpressHandler(handler));
    const answer = await ask(`http://127.0.0.1:${String(await listenWith(createServer(app)))}/`);
    expect([answer.status, answer.text, answer.headers.get('x-own')]).toEqual([200, 'theirs', null]);
    await until(() => {
      expect(handler.cancelled()).toBe(1);
    });
    expect(errors).toEqual([]);
  });

  it.each(['Express', 'Node'])(
    'Leaves one that is still being written on %s as it is, too.',
    async (where) => {
      const errors = uncaughtErrors();
      const handler = lateStream(headers);
      const app = express().use((_request, response, next) => {
        response.write('theirs, first; ');
        setTimeout(() => response.end('theirs, last'), 100);
        next();
      });
      const bridge = toNodeHandler(handler);
      app.use(
        where === 'Express'
          ? toExpressHandler(handler)
          : (request, response) => void bridge(request, response),
      );
      const answer = await ask(`http://127.0.0.1:${String(await listenWith(createServer(app)))}/`);
      expect([answer.status, answer.text]).toEqual([200, 'theirs, first; theirs, last']);
      await until(() => {
        expect(handler.cancelled()).toBe(1);
      });
      expect(errors).toEqual([]);
    },
  );
});
