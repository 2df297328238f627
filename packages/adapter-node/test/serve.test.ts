import { createTessera } from '@tessera-mcp/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../src/index.js';
import { send, textOf } from './helpers/listening.js';

describe('serve', () => {
  it('answers health and readiness without a token, and says when it takes no new sessions', async () => {
    const tessera = createTessera();
    const served = await serve(tessera);
    onTestFinished(() => served.close());
    const health = await send(served.port, { path: '/health' });
    expect([health.statusCode, await textOf(health)]).toEqual([200, '{"status":"ok"}']);
    expect((await send(served.port, { path: '/ready' })).statusCode).toBe(200);
    expect((await send(served.port, { path: '/ready', method: 'HEAD' })).statusCode).toBe(200);
    await tessera.close();
    const ready = await send(served.port, { path: '/ready' });
    expect([ready.statusCode, await textOf(ready)]).toEqual([503, '{"status":"draining"}']);
    expect((await send(served.port, { path: '/health' })).statusCode).toBe(200);
  });

  it('has time limits and bounds on its sockets', async () => {
    const served = await serve(createTessera());
    onTestFinished(() => served.close());
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxHeadersCount } = served.server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxHeadersCount }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 5000,
      maxHeadersCount: 100,
    });
  });

  it('names the fix when it cannot listen', async () => {
    const first = await serve(createTessera());
    onTestFinished(() => first.close());
    await expect(serve(createTessera(), { port: first.port })).rejects.toMatchObject({ code: 'port_in_use' });
    await expect(serve(createTessera(), { host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'address_not_available',
    });
  });

  it('does not serve a tessera that asks for no token where others can reach it', async () => {
    const open = createTessera({ auth: 'none' });
    await expect(serve(open, { host: '0.0.0.0' })).rejects.toMatchObject({ code: 'anonymous_bind' });
    const served = await serve(open, { host: 'localhost' });
    await served.close();
  });

  it('closes without waiting for connections that are kept open', async () => {
    const served = await serve(createTessera());
    await fetch(`${served.origin}/health`);
    const startedAt = performance.now();
    await served.close();
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await expect(fetch(`${served.origin}/health`)).rejects.toThrow();
  });
});
