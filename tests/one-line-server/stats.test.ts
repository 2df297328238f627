import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { openSession } from './helpers/raw.js';
import { serverV1 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { pause } from './helpers/watch.js';

const ALPHA = 'stats-alpha-5b8ef7a301';
const BETA = 'stats-beta-c09d4418e2';

describe.each(adapters)('the statistics of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('are all zero before the start, and have exactly the promised names', () => {
    expect(stage.make().getStats()).toEqual({
      registeredTokens: 0,
      activeServers: 0,
      activeSessions: 0,
      uptime: 0,
      tokens: [],
      sessions: [],
    });
  });

  it('count tokens, sessions and the tenants that have a live server', async () => {
    const { server, url } = await stage.start({
      [ALPHA]: () => serverV1('alpha'),
      [BETA]: () => serverV1('beta'),
    });
    expect(server.getStats()).toMatchObject({
      registeredTokens: 2,
      activeServers: 0,
      activeSessions: 0,
      tokens: [ALPHA, BETA],
      sessions: [],
    });
    const first = await openSession(url, ALPHA);
    const second = await openSession(url, ALPHA);
    expect(server.getStats()).toMatchObject({ activeServers: 1, activeSessions: 2 });
    const third = await openSession(url, BETA);
    const stats = server.getStats();
    expect(stats).toMatchObject({ activeServers: 2, activeSessions: 3 });
    const createdAt = expect.any(Date) as Date;
    expect(
      [...stats.sessions].sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime()),
    ).toEqual(
      expect.arrayContaining([
        { sessionId: first, token: ALPHA, serverName: 'alpha', createdAt },
        { sessionId: second, token: ALPHA, serverName: 'alpha', createdAt },
        { sessionId: third, token: BETA, serverName: 'beta', createdAt },
      ]),
    );
    expect(stats.sessions).toHaveLength(3);
    expect(server.getActiveSessions()).toEqual(stats.sessions);
  });

  it('forget a session that its client ended, and its server', async () => {
    const { server, url } = await stage.start({ [ALPHA]: () => serverV1('alpha') });
    const { transport } = await stage.connect(url, ALPHA);
    expect(server.getStats()).toMatchObject({ activeServers: 1, activeSessions: 1 });
    await transport.terminateSession();
    await vi.waitFor(() => {
      expect(server.getStats()).toMatchObject({
        registeredTokens: 1,
        activeServers: 0,
        activeSessions: 0,
        sessions: [],
      });
    });
    expect(server.getActiveSessions()).toEqual([]);
  });

  it('count uptime in milliseconds while running, and zero after the stop', async () => {
    const server = stage.make();
    await server.start();
    const startedAt = performance.now();
    await pause(60);
    const { uptime } = server.getStats();
    expect(uptime).toBeGreaterThanOrEqual(50);
    expect(uptime).toBeLessThan(performance.now() - startedAt + 1_000);
    await server.stop();
    expect(server.getStats().uptime).toBe(0);
    await server.start();
    expect(server.getStats().uptime).toBeLessThan(50);
  });

  it('keep the tokens and lose the sessions when the server stops', async () => {
    const { server, url } = await stage.start({ [ALPHA]: () => serverV1('alpha') });
    await openSession(url, ALPHA);
    await server.stop();
    expect(server.getStats()).toEqual({
      registeredTokens: 1,
      activeServers: 0,
      activeSessions: 0,
      uptime: 0,
      tokens: [ALPHA],
      sessions: [],
    });
  });

  it('can be turned into JSON and changed by whoever asked, without any effect', async () => {
    const { server, url } = await stage.start({ [ALPHA]: () => serverV1('alpha') });
    await openSession(url, ALPHA);
    const stats = server.getStats();
    expect(JSON.parse(JSON.stringify(stats))).toMatchObject({ activeSessions: 1 });
    stats.tokens.length = 0;
    stats.sessions.length = 0;
    server.getActiveSessions().length = 0;
    expect(server.getStats().tokens).toEqual([ALPHA]);
    expect(server.getStats().sessions).toHaveLength(1);
    expect(server.getActiveSessions()).toHaveLength(1);
  });
});
