import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { candidate } from '../shared/harness.mjs';
import { answerTo } from './answers.mjs';

/* What Hono costs as its users start it. */
candidate(async ({ tools }) => {
  const app = new Hono();
  app.post('/mcp', async (c) => {
    const message = await c.req.json();
    const body = answerTo(message, tools);
    if (body === undefined) return c.body(null, 202);
    if (message.method === 'initialize') c.header('mcp-session-id', randomUUID());
    c.header('content-type', 'application/json');
    return c.body(body);
  });
  app.delete('/mcp', (c) => c.body(null, 200));
  const port = await new Promise((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (address) => resolve(address.port));
  });
  return { port };
});
