import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { openSession } from './helpers/raw.js';
import { flavours, serverV1, serverV2 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect } from './helpers/watch.js';

const TOKEN = 'server-events-30d7be68c1';

describe.each(adapters)('the server events of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it.each(flavours)('say serverRegistered with the name and version of $flavour', async ({ of }) => {
    const { server, url } = await stage.start({ [TOKEN]: of('registered-one') });
    const registered = collect(server, 'serverRegistered');
    const before = Date.now();
    await openSession(url, TOKEN);
    expect(registered).toEqual([
      [
        {
          token: TOKEN,
          serverName: 'registered-one',
          serverVersion: '1.2.3',
          registeredAt: expect.any(Date) as Date,
        },
      ],
    ]);
    expect(registered[0]?.[0].registeredAt.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('say serverRegistered never at addToken, and once for many sessions', async () => {
    const { server, url } = await stage.start({});
    const registered = collect(server, 'serverRegistered');
    server.addToken(TOKEN, () => serverV1('once'));
    await stage.make().start();
    expect(registered).toEqual([]);
    for (let round = 0; round < 3; round += 1) await openSession(url, TOKEN);
    await stage.connectModern(url, TOKEN);
    expect(registered).toHaveLength(1);
  });

  it('say serverRegistered for a client of SDK v2 too', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV2('modern', ['greet'], '9.9.9') });
    const registered = collect(server, 'serverRegistered');
    const client = await stage.connectModern(url, TOKEN);
    await client.listTools();
    await vi.waitFor(() => {
      expect(registered).toHaveLength(1);
    });
    expect(registered[0]?.[0]).toMatchObject({ token: TOKEN, serverName: 'modern', serverVersion: '9.9.9' });
  });

  it('say serverRegistered for each token with its own server', async () => {
    const { server, url } = await stage.start({
      'first-token-6c1f': () => serverV1('first', [], '1.0.0'),
      'second-token-d3b8': () => serverV1('second', [], '2.0.0'),
    });
    const registered = collect(server, 'serverRegistered');
    await openSession(url, 'second-token-d3b8');
    await openSession(url, 'first-token-6c1f');
    expect(registered.map(([info]) => [info.token, info.serverName, info.serverVersion])).toEqual([
      ['second-token-d3b8', 'second', '2.0.0'],
      ['first-token-6c1f', 'first', '1.0.0'],
    ]);
  });

  it('say serverRegistered before the sessionCreated of the first session', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('ordered') });
    const order: string[] = [];
    server.on('serverRegistered', () => void order.push('serverRegistered'));
    server.on('sessionCreated', () => void order.push('sessionCreated'));
    await openSession(url, TOKEN);
    expect(order).toEqual(['serverRegistered', 'sessionCreated']);
  });

  it('say serverRemoved with hadActiveSessions true when a session was open', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('leaving') });
    const removed = collect(server, 'serverRemoved');
    await openSession(url, TOKEN);
    server.removeToken(TOKEN);
    await vi.waitFor(() => {
      expect(removed).toHaveLength(1);
    });
    expect(removed).toEqual([
      [
        {
          token: TOKEN,
          serverName: 'leaving',
          hadActiveSessions: true,
          removedAt: expect.any(Date) as Date,
        },
      ],
    ]);
  });

  it('say serverRemoved with hadActiveSessions false when all sessions had ended', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('leaving') });
    const removed = collect(server, 'serverRemoved');
    const { transport } = await stage.connect(url, TOKEN);
    await transport.terminateSession();
    await vi.waitFor(() => {
      expect(server.getStats().activeSessions).toBe(0);
    });
    server.removeToken(TOKEN);
    await vi.waitFor(() => {
      expect(removed).toHaveLength(1);
    });
    expect(removed[0]?.[0]).toMatchObject({ serverName: 'leaving', hadActiveSessions: false });
  });

  it('say nothing of a server that was never registered when its token is removed', async () => {
    const { server } = await stage.start({ [TOKEN]: () => serverV1('never made') });
    const removed = collect(server, 'serverRemoved');
    const tokens = collect(server, 'tokenRemoved');
    server.removeToken(TOKEN);
    await vi.waitFor(() => {
      expect(tokens).toEqual([[TOKEN]]);
    });
    expect(removed).toEqual([]);
  });

  it('say serverRegistered again for a token that was removed and added again', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('first life') });
    const registered = collect(server, 'serverRegistered');
    await openSession(url, TOKEN);
    server.removeToken(TOKEN).addToken(TOKEN, () => serverV1('second life'));
    await openSession(url, TOKEN);
    expect(registered.map(([info]) => info.serverName)).toEqual(['first life', 'second life']);
  });
});
