import { createServer } from 'node:http';

import type { AuthInfo, RequestContext } from '@tessera-mcp/core';
import { toExpressHandler } from '@tessera-mcp/express';
import { toHonoHandler } from '@tessera-mcp/hono';
import { inMemoryFetch, TEST_URL } from '@tessera-mcp/testing';
import express from 'express';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { ask, initializeInit, listenWith, tesseraWith } from './helpers/mounts.js';

afterEach(closeEverything);

function honoApp(): Hono {
  const app = new Hono();
  app.use(toHonoHandler(tesseraWith()));
  return app;
}

describe('A tessera in a Hono app behind a parser that the app knows nothing of', () => {
  it('Uses what inMemoryFetch has parsed.', async () => {
    const fetch = inMemoryFetch(honoApp(), { parseBodies: true });
    const answer = await fetch(TEST_URL, initializeInit());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: 1, result: { serverInfo: { name: 'acme' } } });
  });

  it('Uses what express.json has parsed.', async () => {
    const app = express().use(express.json(), toExpressHandler(honoApp()));
    const port = await listenWith(createServer(app));
    const answer = await ask(`http://127.0.0.1:${String(port)}/mcp`, initializeInit());
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ id: 1, result: { serverInfo: { name: 'acme' } } });
  });

  it('Finds a message wrong that the parser has found to be JSON.', async () => {
    const fetch = inMemoryFetch(honoApp(), { parseBodies: true });
    const answer = await fetch(TEST_URL, { ...initializeInit(), body: '{"no":"message"}' });
    expect(answer.status).toBe(400);
  });

  it('Tells who is calling to whoever has mounted the app.', async () => {
    for (const parseBodies of [false, true]) {
      const callers: AuthInfo[] = [];
      const onAuthenticated: RequestContext['onAuthenticated'] = (authInfo) => void callers.push(authInfo);
      const answer = await inMemoryFetch(honoApp(), { parseBodies, onAuthenticated })(
        TEST_URL,
        initializeInit(),
      );
      expect(answer.status).toBe(200);
      expect(callers).toHaveLength(1);
    }
  });

  it('Tells who is calling to the Express app around it.', async () => {
    const callers: unknown[] = [];
    const app = express().use((request, response, next) => {
      response.on('finish', () => callers.push((request as { auth?: unknown }).auth));
      next();
    });
    app.use(express.json(), toExpressHandler(honoApp()));
    const port = await listenWith(createServer(app));
    expect((await ask(`http://127.0.0.1:${String(port)}/mcp`, initializeInit())).status).toBe(200);
    expect(callers).toEqual([expect.objectContaining({ clientId: expect.any(String) as string })]);
  });
});
