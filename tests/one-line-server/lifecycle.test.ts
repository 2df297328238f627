import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { freePort, occupyPort } from './helpers/ports.js';
import {
  headersFor,
  initialize,
  listTools,
  openSession,
  post,
  sendRaw,
  type RawAnswer,
} from './helpers/raw.js';
import { serverV1, textOf } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect } from './helpers/watch.js';

const TOKEN = 'lifecycle-5f0c7a1e93d24b68';

/** Posts on a connection of its own: one kept from before a stop may be found closed only when it is used. */
function ask(url: string, message: object, sessionId?: string): Promise<RawAnswer> {
  return sendRaw(url, {
    method: 'POST',
    headers: headersFor(TOKEN, sessionId),
    body: JSON.stringify(message),
  });
}

describe.each(adapters)('the life of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('starts without any option on a free loopback port and tells where', async () => {
    const before = Date.now();
    const server = stage.make();
    const info = await server.start();
    expect(info.port).toBeGreaterThan(0);
    expect(info.host).toBe('127.0.0.1');
    expect(info.endpoint).toBe('/mcp');
    expect(info.url).toBe(`http://127.0.0.1:${String(info.port)}/mcp`);
    expect(info.startedAt).toBeInstanceOf(Date);
    expect(info.startedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(info.startedAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(Object.keys(info).sort()).toEqual(['endpoint', 'host', 'port', 'startedAt', 'url']);
  });

  it('can be made without an argument and used in one chain', async () => {
    const server = adapter.create().addToken(`${TOKEN}-${TOKEN}`, () => serverV1('chained'));
    stage.later(() => server.stop());
    const { port } = await server.start();
    const { client } = await stage.connect(`http://127.0.0.1:${String(port)}/mcp`, `${TOKEN}-${TOKEN}`);
    expect(textOf(await client.callTool({ name: 'greet' }))).toBe('chained/greet');
  });

  it('is not running before start, after stop, and has no server info then', async () => {
    const server = stage.make();
    expect(server.isRunning()).toBe(false);
    expect(server.getServerInfo()).toBeNull();
    const info = await server.start();
    expect(server.isRunning()).toBe(true);
    expect(server.getServerInfo()).toEqual(info);
    await server.stop();
    expect(server.isRunning()).toBe(false);
    expect(server.getServerInfo()).toBeNull();
  });

  it('emits started with the server info and stopped without arguments, once each', async () => {
    const server = stage.make();
    const started = collect(server, 'started');
    const stopped = collect(server, 'stopped');
    const info = await server.start();
    expect(started).toEqual([[info]]);
    expect(stopped).toEqual([]);
    await server.stop();
    expect(started).toHaveLength(1);
    expect(stopped).toEqual([[]]);
  });

  it('frees the port when it stops', async () => {
    const { server, info } = await stage.start({ [TOKEN]: () => serverV1('one') });
    await server.stop();
    await expect(fetch(info.url)).rejects.toThrow();
    const { free } = await occupyPort(info.port);
    await free();
  });

  it('starts again after a stop, with its tokens and its listeners', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('again') });
    const started = collect(server, 'started');
    await openSession(url, TOKEN);
    await server.stop();
    const second = await server.start();
    expect(started).toEqual([[second]]);
    expect(server.getTokens()).toEqual([TOKEN]);
    const { client } = await stage.connect(second.url, TOKEN);
    expect(textOf(await client.callTool({ name: 'greet' }))).toBe('again/greet');
  });

  it('starts and stops many times on one fixed port', async () => {
    const port = await freePort();
    const server = stage.make({ port }).addToken(TOKEN, () => serverV1('fixed'));
    for (let round = 0; round < 3; round += 1) {
      const info = await server.start();
      expect(info.port).toBe(port);
      expect((await ask(info.url, initialize)).status).toBe(200);
      await server.stop();
    }
  });

  it('does not know a session of before the stop after it has started again', async () => {
    const port = await freePort();
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { port });
    const sessionId = await openSession(url, TOKEN);
    await server.stop();
    await server.start();
    expect((await ask(url, listTools, sessionId)).status).toBe(404);
  });

  it('stops with clients connected, and ends their sessions and streams', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const ended = collect(server, 'sessionEnded');
    const { sessionId } = await stage.connect(url, TOKEN);
    const other = await openSession(url, TOKEN);
    const stream = await fetch(url, {
      headers: { ...headersFor(TOKEN, other), accept: 'text/event-stream' },
    });
    expect(stream.status).toBe(200);
    const closed = stream.text().then(
      () => true,
      () => true,
    );
    await server.stop();
    expect(await closed).toBe(true);
    expect(ended.map(([event]) => event.sessionId).sort()).toEqual([sessionId, other].sort());
    expect(server.getActiveSessions()).toEqual([]);
  });

  it('stops while a factory is still running', async () => {
    const never = new Promise<never>(() => undefined);
    const made = vi.fn(() => never);
    const { server, url } = await stage.start({ [TOKEN]: made });
    const asked = post(url, TOKEN, initialize).then(
      (response) => response.text(),
      () => 'cut off',
    );
    await vi.waitFor(() => {
      expect(made).toHaveBeenCalled();
    });
    await server.stop();
    await asked;
    expect(server.isRunning()).toBe(false);
  });

  it('takes tokens before and after the start', async () => {
    const { server, url } = await stage.start({ 'before-start-0001': () => serverV1('before') });
    server.addToken('after-start-0002', () => serverV1('after'));
    const before = await stage.connect(url, 'before-start-0001');
    const after = await stage.connect(url, 'after-start-0002');
    expect(before.client.getServerVersion()?.name).toBe('before');
    expect(after.client.getServerVersion()?.name).toBe('after');
  });

  it('runs beside a second server in the same process', async () => {
    const first = await stage.start({ [TOKEN]: () => serverV1('first') });
    const second = await stage.start({ [TOKEN]: () => serverV1('second') });
    expect(first.info.port).not.toBe(second.info.port);
    await first.server.stop();
    const { client } = await stage.connect(second.url, TOKEN);
    expect(client.getServerVersion()?.name).toBe('second');
  });

  it('answers /health and /ready with 200 without a token', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    for (const path of ['/health', '/ready']) {
      const response = await fetch(new URL(path, url));
      expect(response.status, path).toBe(200);
      expect(await response.text()).not.toContain(TOKEN);
    }
  });
});
