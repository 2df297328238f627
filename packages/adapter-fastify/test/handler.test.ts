import { createTessera, type Tessera } from '@tessera-mcp/core';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import FastifyMcpServer, {
  getMcpDecorator,
  toFastifyHandler,
  type FastifyMcpServerOptions,
} from '../src/index.js';
import { callText, connect, echoServer, listen, makeApp } from './helpers/apps.js';

const TOKEN = 'a-token-for-tests-that-is-long-enough';

function makeTessera(endpoint = '/mcp'): Tessera {
  const tessera = createTessera({ endpoint, logger: { ...console, warn: () => undefined } });
  tessera.addTenant({ id: 'acme', server: () => echoServer('acme'), tokens: [TOKEN] });
  onTestFinished(() => tessera.close());
  return tessera;
}

const plain = {
  fetch: (request: Request, context?: { prefix?: string }) =>
    Response.json({ url: new URL(request.url).pathname, prefix: context?.prefix }),
};

describe('The handler of a Fastify route', () => {
  it('serves a tessera at the path of the route, with the body that Fastify has parsed', async () => {
    const app = makeApp();
    app.all('/assistant', toFastifyHandler(makeTessera()));
    app.addHook('preHandler', (request, _reply, done) => {
      if (request.method === 'POST') expect(request.body).toMatchObject({ jsonrpc: '2.0' });
      done();
    });
    const client = await connect(`${await listen(app)}/assistant`, TOKEN);
    expect(await callText(client, 'echo', { text: 'hi' })).toBe('acme: hi');
    await client.close();
  });

  it('leaves what a tessera does not serve to the app, below a route with a star', async () => {
    const app = makeApp();
    app.all('/api/*', toFastifyHandler(makeTessera()));
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).send('nothing here'));
    const origin = await listen(app);
    expect((await fetch(`${origin}/api/mcp`)).status).toBe(401);
    expect(await (await fetch(`${origin}/api/other`)).text()).toBe('nothing here');
  });

  it('gives what a mounted handler throws to the error handler of the app', async () => {
    const app = makeApp();
    app.all('/plain', toFastifyHandler({ fetch: () => Promise.reject(new Error('no luck')) }));
    app.setErrorHandler(async (error: Error, _request, reply) => reply.code(418).send(error.message));
    const response = await fetch(`${await listen(app)}/plain`);
    expect([response.status, await response.text()]).toEqual([418, 'no luck']);
  });
});

describe('The plugin', () => {
  it('mounts a plain handler below its prefix, and adds no decorator', async () => {
    const app = makeApp();
    await app.register(FastifyMcpServer, { mount: plain, prefix: '/admin' });
    app.get('/administrators', () => 'not the plain handler');
    const origin = await listen(app);
    for (const path of ['/admin', '/admin/', '/admin/users/7']) {
      expect(await (await fetch(origin + path)).json()).toEqual({ url: path, prefix: '/admin' });
    }
    expect(await (await fetch(`${origin}/administrators`)).text()).toBe('not the plain handler');
    expect(() => getMcpDecorator(app)).toThrow('The plugin is not registered here');
  });

  it.each([
    [undefined, undefined, '/mcp', '/mcp'],
    ['/api', undefined, '/mcp', '/api/mcp'],
    ['/api/', undefined, '/tools', '/api/tools'],
    ['/tools', undefined, '/tools', '/tools'],
    ['/api', '/assistant', '/tools', '/api/assistant'],
  ])(
    'with the prefix %s and the endpoint %s serves a tessera whose own endpoint is %s at %s',
    async (...given) => {
      const [prefix, endpoint, own, path] = given;
      const app = makeApp();
      const options = {
        ...(prefix !== undefined && { prefix }),
        ...(endpoint !== undefined && { endpoint }),
      };
      await app.register(FastifyMcpServer, { tessera: makeTessera(own), ...options });
      expect(getMcpDecorator(app).endpoint).toBe(path);
      const client = await connect(`${await listen(app)}${path}`, TOKEN);
      expect(await callText(client, 'echo', { text: 'hi' })).toBe('acme: hi');
      await client.close();
    },
  );

  it('serves a tessera in a scope with a prefix', async () => {
    const app = makeApp();
    await app.register(async (scope) => scope.register(FastifyMcpServer, { tessera: makeTessera() }), {
      prefix: '/v1',
    });
    expect((await fetch(`${await listen(app)}/v1/mcp`)).status).toBe(401);
  });

  it.each<[() => FastifyMcpServerOptions, string]>([
    [() => ({ mount: plain, tessera: makeTessera() }), 'Pass exactly one of server'],
    [() => ({ mount: plain, server: () => echoServer() }), 'there are 2'],
    [() => ({ mount: plain, authorization: {} }), 'leave authorization out'],
  ])('refuses options that contradict each other: %#', async (makeOptions, message) => {
    const registering = Promise.resolve(Fastify().register(FastifyMcpServer, makeOptions()));
    await expect(registering).rejects.toThrow(message);
  });
});
