import { FastifyMcpServer } from '@tessera-mcp/fastify';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { fastifyApp, tesseraWith } from './helpers/mounts.js';

afterEach(closeEverything);

const ERRORS: readonly Error[] = [
  new Error('boom'),
  Object.assign(new Error('duplicate key'), { code: 11000 }),
  Object.assign(new Error('no code'), { code: undefined }),
  Object.assign(new Error('own code'), { code: 'OWN_CODE', statusCode: 418 }),
];

/** Keeps the errors that reach the app's own error handler, which answers each with 599. */
function keepErrors(app: FastifyInstance): unknown[] {
  const errors: unknown[] = [];
  app.setErrorHandler(async (error, _request, reply) => {
    errors.push(error);
    return reply.code(599).send('by the app');
  });
  return errors;
}

describe('Errors around the Fastify plugin', () => {
  it.each(ERRORS)(
    '$message of what is mounted reaches the error handler of the app as it is.',
    async (error) => {
      const app = fastifyApp();
      const errors = keepErrors(app);
      const mount = { fetch: () => Promise.reject(error) };
      await app.register(FastifyMcpServer, { mount, prefix: '/api' });
      const { statusCode, payload } = await app.inject({ url: '/api/x' });
      expect([statusCode, payload]).toEqual([599, 'by the app']);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toBe(error);
    },
  );

  it.each(ERRORS)('$message of a hook in front of the endpoint reaches it as it is, too.', async (error) => {
    const app = fastifyApp();
    const errors = keepErrors(app);
    app.addHook('onRequest', async ({ url }) => {
      await Promise.resolve();
      if (url === '/mcp') throw error;
    });
    await app.register(FastifyMcpServer, { tessera: tesseraWith() });
    const { statusCode, payload } = await app.inject({ method: 'POST', url: '/mcp', payload: {} });
    expect([statusCode, payload]).toEqual([599, 'by the app']);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBe(error);
  });

  it('A hook that refuses the endpoint with 401 is answered by Fastify itself.', async () => {
    const app = fastifyApp();
    app.addHook('onRequest', async ({ url }) => {
      await Promise.resolve();
      if (url === '/mcp') throw Object.assign(new Error('Not you.'), { statusCode: 401 });
    });
    await app.register(FastifyMcpServer, { tessera: tesseraWith() });
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const answer = await app.inject({ method, url: '/mcp' });
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toEqual({ statusCode: 401, error: 'Unauthorized', message: 'Not you.' });
      expect(answer.headers['www-authenticate']).toBeUndefined();
    }
  });
});
