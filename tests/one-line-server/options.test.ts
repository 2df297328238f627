import type { PerBearerMcpServerOptions } from '@tessera-mcp/node';
import { describe, expect, it } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { freePort } from './helpers/ports.js';
import { headersFor, initialize, post, sendRaw } from './helpers/raw.js';
import { serverV1, textOf } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { rejectionOf, thrownBy } from './helpers/watch.js';

const TOKEN = 'options-token-6d17fa20e5';

/** Options as they come from a program without types. */
function untyped(options: object): PerBearerMcpServerOptions {
  return options;
}

describe.each(adapters)('the options of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('take a fixed port as a number', async () => {
    const port = await freePort();
    const { info } = await stage.start({ [TOKEN]: () => serverV1('one') }, { port });
    expect(info.port).toBe(port);
    expect(info.url).toBe(`http://127.0.0.1:${String(port)}/mcp`);
  });

  it('take a fixed port as text, as the environment has it', async () => {
    const port = await freePort();
    const { info, url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { port: String(port) });
    expect(info.port).toBe(port);
    const { client } = await stage.connect(url, TOKEN);
    expect(textOf(await client.callTool({ name: 'greet' }))).toBe('one/greet');
  });

  it.each([0, '0', undefined])('take port %j as any free one', async (port) => {
    const { info } = await stage.start({}, { port });
    expect(info.port).toBeGreaterThan(0);
  });

  it('take another endpoint, and serve nothing at the usual one', async () => {
    const { info, url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { endpoint: '/api/tools' });
    expect(info.endpoint).toBe('/api/tools');
    expect(new URL(url).pathname).toBe('/api/tools');
    const { client } = await stage.connect(url, TOKEN);
    expect(textOf(await client.callTool({ name: 'greet' }))).toBe('one/greet');
    const usual = await post(new URL('/mcp', url).href, TOKEN, initialize);
    expect(usual.status).toBe(404);
    await usual.text();
  });

  it('take a host that listens on every address', async () => {
    const { info } = await stage.start({ [TOKEN]: () => serverV1('one') }, { host: '0.0.0.0' });
    expect(info.host).toBe('0.0.0.0');
    const local = `http://127.0.0.1:${String(info.port)}/mcp`;
    const { client } = await stage.connect(local, TOKEN);
    expect(client.getServerVersion()?.name).toBe('one');
    const answer = await sendRaw(local, {
      method: 'POST',
      headers: { ...headersFor(TOKEN), host: 'mcp.example.test' },
      body: JSON.stringify(initialize),
    });
    expect(answer.status).toBe(200);
  });

  it('take the name localhost as host', async () => {
    const { info, url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { host: 'localhost' });
    expect(info.host).toBe('localhost');
    const { client } = await stage.connect(url, TOKEN);
    expect(client.getServerVersion()?.name).toBe('one');
  });

  it('write an IPv6 host in brackets in the address', async ({ skip }) => {
    const server = stage.make({ host: '::1' }).addToken(TOKEN, () => serverV1('one'));
    const info = await server.start().catch(() => undefined);
    if (info === undefined) {
      skip('This machine has no IPv6 loopback address.');
      return;
    }
    expect(info.url).toBe(`http://[::1]:${String(info.port)}/mcp`);
    const { client } = await stage.connect(info.url, TOKEN);
    expect(client.getServerVersion()?.name).toBe('one');
  });

  it.each(['abc', '', ' ', '80a', '-1', '1.5', '0x50', '99999', -1, 1.5, 65_536, Number.NaN, {}, true])(
    'refuse %j as a port',
    (port) => {
      const error = thrownBy(() => stage.make(untyped({ port })));
      expect(error.code).toBe('invalid_option');
      expect(error.message).toContain('port');
      expect(error.message).toMatch(/65,?535/);
    },
  );

  it.each(['mcp', '', 'http://127.0.0.1/mcp', 42])('refuse %j as an endpoint', (endpoint) => {
    const error = thrownBy(() => stage.make(untyped({ endpoint })));
    expect(error.code).toBe('invalid_option');
    expect(error.message).toContain('endpoint');
    expect(error.message).toContain('/');
  });

  it.each([
    ['prot', { prot: 8080 }],
    ['endpont', { port: 0, endpont: '/mcp' }],
    ['tokens.minimumBit', { tokens: { minimumBit: 128 } }],
    ['limits.factoryTimeout', { limits: { factoryTimeout: 100 } }],
    ['oauth2.isuer', { oauth2: { isuer: 'https://issuer.example.test' } }],
  ])('refuse the unknown name %s and say it', (name, options) => {
    const error = thrownBy(() => stage.make(untyped(options)));
    expect(error.code).toBe('invalid_option');
    expect(error.message).toContain(name);
  });

  it('refuse a host that is no text', () => {
    for (const host of ['', 127, null]) {
      const error = thrownBy(() => stage.make(untyped({ host })));
      expect(error.code).toBe('invalid_option');
      expect(error.message).toContain('host');
    }
  });

  it('reject start with a typed error on a host this machine does not have', async () => {
    const server = stage.make({ host: '203.0.113.7' });
    const error = await rejectionOf(server.start());
    expect(error.message).toContain('203.0.113.7');
    expect(server.isRunning()).toBe(false);
  });

  it('may be changed by their owner afterwards without any effect', async () => {
    const options = { endpoint: '/first', port: 0 };
    const server = stage.make(options);
    options.endpoint = '/second';
    expect((await server.start()).endpoint).toBe('/first');
  });
});
