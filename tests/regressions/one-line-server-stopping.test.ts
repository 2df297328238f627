import { describe, expect, it } from 'vitest';

import { adapters } from '../one-line-server/helpers/adapters.js';
import { headersFor, initialize, openSession, sendRaw } from '../one-line-server/helpers/raw.js';
import { serverV1 } from '../one-line-server/helpers/servers.js';
import { createStage } from '../one-line-server/helpers/stage.js';
import { collect, rejectionOf, thrownBy } from '../one-line-server/helpers/watch.js';
import { within } from './helpers/waiting.js';

const TOKEN = 'stopping-7c41d09ab35e42f8';
const OTHER = 'stopping-other-2f9b6e8d1a';

describe.each(adapters)('A one-line server on $adapter that stops', (adapter) => {
  const stage = createStage(adapter);

  it('Listeners of sessionEnded see a server that is not running and takes no tokens.', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const seen: unknown[] = [];
    server.on('sessionEnded', () => {
      const { code } = thrownBy(() => server.addToken(OTHER, () => serverV1('other')));
      seen.push(server.isRunning(), server.getServerInfo(), code);
    });
    await openSession(url, TOKEN);
    await server.stop();
    expect(seen).toEqual([false, null, 'server_stopping']);
    expect(server.getTokens()).toEqual([TOKEN]);
    server.addToken(OTHER, () => serverV1('other'));
    expect(server.getTokens()).toEqual([TOKEN, OTHER]);
  });

  it('It cannot be started from a listener of sessionEnded before it has stopped.', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const starting: Promise<{ code: string }>[] = [];
    server.on('sessionEnded', () => {
      starting.push(rejectionOf(server.start()));
    });
    await openSession(url, TOKEN);
    await server.stop();
    expect((await Promise.all(starting)).map(({ code }) => code)).toEqual(['already_started']);
    expect(server.isRunning()).toBe(false);
  });

  it('Calls of stop from a listener wait for the same end, and stopped is emitted once.', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const stopped = collect(server, 'stopped');
    const nested: Promise<void>[] = [];
    server.on('sessionEnded', () => {
      nested.push(server.stop());
    });
    await openSession(url, TOKEN);
    await openSession(url, TOKEN);
    await within(3000, server.stop());
    await within(1000, Promise.all(nested));
    expect(nested).toHaveLength(2);
    expect(stopped).toHaveLength(1);
    expect(server.isRunning()).toBe(false);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('Two calls of stop at the same time resolve when the port is free.', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const stopped = collect(server, 'stopped');
    await openSession(url, TOKEN);
    await within(3000, Promise.all([server.stop(), server.stop()]));
    expect(stopped).toHaveLength(1);
    expect((await rejectionOf(server.stop())).code).toBe('not_running');
  });

  it('A start from a listener of stopped stays a start, though stop was called twice.', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const starting: Promise<{ url: string }>[] = [];
    server.on('sessionEnded', () => {
      void server.stop();
    });
    server.on('stopped', () => {
      if (starting.length === 0) starting.push(server.start());
    });
    await openSession(url, TOKEN);
    await server.stop();
    const [info] = await within(2000, Promise.all(starting));
    expect(info).toBeDefined();
    expect(server.isRunning()).toBe(true);
    expect((await fetch(new URL('/health', info?.url))).status).toBe(200);
  });

  it('It starts and stops ten times, with a session and nested stops each time.', async () => {
    const server = stage.make().addToken(TOKEN, () => serverV1('one'));
    const started = collect(server, 'started');
    const stopped = collect(server, 'stopped');
    server.on('sessionEnded', () => {
      void server.stop();
    });
    for (let round = 1; round <= 10; round += 1) {
      const { url } = await server.start();
      expect(server.isRunning()).toBe(true);
      const body = JSON.stringify(initialize);
      const { status } = await sendRaw(url, { method: 'POST', headers: headersFor(TOKEN), body });
      expect(status).toBe(200);
      expect(server.getStats().activeSessions).toBe(1);
      await within(1500, server.stop());
      expect(server.isRunning()).toBe(false);
      expect(server.getStats()).toMatchObject({ activeSessions: 0, activeServers: 0, uptime: 0 });
      expect([started.length, stopped.length]).toEqual([round, round]);
    }
  });
});
