import { createTessera } from '@tessera-mcp/core';
import { describe, expect, it, vi } from 'vitest';
import FastifyMcpServer, {
  getMCPDecorator,
  getMcpDecorator,
  TokenBasedServerProvider,
} from '../src/index.js';
import { INITIALIZE, callText, connect, echoServer, listen, makeApp, postHeaders } from './helpers/apps.js';

describe('the plugin', () => {
  it('serves a factory to everybody when nothing is said about authorization, and warns once', async () => {
    const app = makeApp();
    const warn = vi.spyOn(app.log, 'warn');
    await app.register(FastifyMcpServer, { server: () => echoServer() });
    const client = await connect(`${await listen(app)}/mcp`);
    expect(await callText(client, 'echo', { text: 'hi' })).toBe('echo: hi');
    await connect(`${app.listeningOrigin}/mcp`);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(getMcpDecorator(app).getStats().activeSessions).toBe(2);
  });

  it('keeps sessions without tokens apart by their ids alone', async () => {
    const app = makeApp();
    await app.register(FastifyMcpServer, { server: () => echoServer() });
    const url = `${await listen(app)}/mcp`;
    const { sessionId } = await connect(url);
    const answer = async (id: string): Promise<number> => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
      return (await fetch(url, { method: 'POST', headers: { ...postHeaders(), 'mcp-session-id': id }, body }))
        .status;
    };
    expect([await answer(sessionId), await answer('guessed')]).toEqual([200, 404]);
  });

  it('leaves the other routes of the app alone', async () => {
    const app = makeApp();
    app.post('/echo', (request) => Promise.resolve({ got: request.body }));
    await app.register(FastifyMcpServer, { server: () => echoServer() });
    const other = await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } });
    expect(other.json()).toEqual({ got: { a: 1 } });
    expect((await app.inject({ url: '/nothing' })).statusCode).toBe(404);
    expect((await app.inject({ url: '/nothing' })).json()).toMatchObject({ error: 'Not Found' });
  });

  it.each([
    [{ prefix: '/api' }, '/api/mcp'],
    [{ prefix: '/api/', endpoint: '/tools/mcp' }, '/api/tools/mcp'],
    [{ endpoint: '/other' }, '/other'],
  ])('with %o serves %s', async (options, path) => {
    const app = makeApp();
    await app.register(FastifyMcpServer, { server: () => echoServer(), ...options });
    const origin = await listen(app);
    expect(await callText(await connect(origin + path), 'echo', { text: 'x' })).toBe('echo: x');
    expect(getMcpDecorator(app).endpoint).toBe(path);
  });

  it('can be registered below the prefix of another scope', async () => {
    const app = makeApp();
    await app.register(
      async (scope) => {
        await scope.register(FastifyMcpServer, { server: () => echoServer() });
      },
      { prefix: '/v1' },
    );
    expect(await callText(await connect(`${await listen(app)}/v1/mcp`), 'echo', { text: 'x' })).toBe(
      'echo: x',
    );
  });

  it('decorates the app that registers it, under both names', async () => {
    const app = makeApp();
    await app.register(FastifyMcpServer, { server: () => echoServer() });
    expect(getMCPDecorator(app)).toBe(getMcpDecorator(app));
    expect(() => getMcpDecorator(makeApp())).toThrow(/plugin_missing/);
    expect(() => getMcpDecorator(app, '/elsewhere')).toThrow(/\/mcp/);
  });

  it('works twice on different paths, and not twice on one', async () => {
    const app = makeApp();
    await app.register(FastifyMcpServer, { server: () => echoServer('one') });
    await app.register(FastifyMcpServer, { server: () => echoServer('two'), endpoint: '/two' });
    await expect(app.register(FastifyMcpServer, { server: () => echoServer() })).rejects.toMatchObject({
      code: 'endpoint_taken',
    });
  });

  it('tells what happens in its sessions', async () => {
    const app = makeApp();
    await app.register(FastifyMcpServer, { server: () => echoServer() });
    const seen: string[] = [];
    getMcpDecorator(app)
      .getSessionManager()
      .on('sessionCreated', (id) => seen.push(`created ${id}`))
      .on('sessionDestroyed', (id) => seen.push(`destroyed ${id}`))
      .on('transportError', (id, error) => seen.push(`failed ${id} ${error.message}`));
    const client = await connect(`${await listen(app)}/mcp`);
    getMcpDecorator(app).tessera.on('sessionCreated', () => undefined);
    await getMcpDecorator(app).shutdown();
    expect(seen).toEqual([`created ${client.sessionId}`, `destroyed ${client.sessionId}`]);
    expect(
      (await app.inject({ method: 'POST', url: '/mcp', headers: postHeaders(), payload: INITIALIZE }))
        .statusCode,
    ).toBe(503);
  });

  it('mounts a tessera of your own, also at another path than its own', async () => {
    const app = makeApp();
    const tessera = createTessera();
    tessera.addTenant({ id: 'a', server: () => echoServer('mine'), tokens: ['token-a'] });
    await app.register(FastifyMcpServer, { tessera, endpoint: '/elsewhere' });
    const client = await connect(`${await listen(app)}/elsewhere`, 'token-a');
    expect(await callText(client, 'echo', { text: 'x' })).toBe('mine: x');
    await app.close();
    expect(tessera.ready()).toBe(true);
    await tessera.close();
  });

  it('keeps the headers that other plugins have put on the reply', async () => {
    const app = makeApp();
    app.addHook('onRequest', (_request, reply, done) => {
      void reply.header('x-from-hook', 'yes');
      done();
    });
    await app.register(FastifyMcpServer, { server: () => echoServer() });
    const response = await app.inject({
      method: 'POST',
      url: '/mcp',
      headers: postHeaders(),
      payload: INITIALIZE,
    });
    expect(response.headers['x-from-hook']).toBe('yes');
  });

  it.each([
    ['nothing', {}],
    [
      'a server and a provider',
      { server: () => echoServer(), authorization: { bearerTokenProvider: new TokenBasedServerProvider() } },
    ],
    ['a server and a tessera', { server: () => echoServer(), tessera: createTessera() }],
    ['a tessera and authorization', { tessera: createTessera(), authorization: {} }],
    ['an unknown option', { server: () => echoServer(), path: '/mcp' }],
    [
      'a verifier that verifies nothing',
      { server: () => echoServer(), authorization: { bearerMiddlewareOptions: { verifier: {} } } },
    ],
  ])('refuses %s', async (_what, options) => {
    await expect(makeApp().register(FastifyMcpServer, options as never)).rejects.toMatchObject({
      code: 'invalid_option',
    });
  });
});

describe('closing the app', () => {
  it('takes less than a second with streams open', async () => {
    const app = makeApp();
    await app.register(FastifyMcpServer, { server: () => echoServer() });
    const url = `${await listen(app)}/mcp`;
    await connect(url);
    await connect(url);
    await expect.poll(() => getMcpDecorator(app).getStats().openStreams).toBe(2);
    const startedAt = performance.now();
    await app.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('takes less than a second with streams open on a tessera of your own', async () => {
    const app = makeApp();
    const tessera = createTessera();
    tessera.addTenant({ id: 'a', server: () => echoServer(), tokens: ['token-a'] });
    await app.register(FastifyMcpServer, { tessera });
    await connect(`${await listen(app)}/mcp`, 'token-a');
    await expect.poll(() => tessera.getStats().openStreams).toBe(1);
    const startedAt = performance.now();
    await app.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    await expect.poll(() => tessera.getStats().openStreams).toBe(0);
    await tessera.close();
  });

  it('takes less than a second after a request was aborted', async () => {
    const app = makeApp();
    let waiting = false;
    await app.register(FastifyMcpServer, {
      server: () => {
        waiting = true;
        return new Promise<never>(() => undefined);
      },
    });
    const url = `${await listen(app)}/mcp`;
    const abort = new AbortController();
    const request = fetch(url, {
      method: 'POST',
      headers: postHeaders(),
      body: INITIALIZE,
      signal: abort.signal,
    });
    await expect.poll(() => waiting).toBe(true);
    abort.abort();
    await expect(request).rejects.toThrow();
    const startedAt = performance.now();
    await app.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
