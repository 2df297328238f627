import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { openSession } from './helpers/raw.js';
import { namesOf, serverV1, serverV2, textOf } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect, gate } from './helpers/watch.js';

const TOKEN = 'updates-token-a80d53e7c6';

describe.each(adapters)('updateToken of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('gives new sessions the new server even at once, and open ones with their next call', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('old', ['old-tool']) });
    const before = await stage.connect(url, TOKEN);
    server.updateToken(TOKEN, () => serverV1('new', ['new-tool']));
    const after = await stage.connect(url, TOKEN);
    expect(after.client.getServerVersion()?.name).toBe('new');
    expect(namesOf(await after.client.listTools())).toEqual(['new-tool']);
    expect(namesOf(await before.client.listTools())).toEqual(['new-tool']);
    expect(textOf(await before.client.callTool({ name: 'new-tool' }))).toBe('new/new-tool');
    expect(before.client.getServerVersion()?.name).toBe('old');
    expect(textOf(await after.client.callTool({ name: 'new-tool' }))).toBe('new/new-tool');
  });

  it('gives clients of SDK v2 the new server as well', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV2('old', ['old-tool']) });
    const before = await stage.connectModern(url, TOKEN);
    expect(namesOf(await before.listTools())).toEqual(['old-tool']);
    server.updateToken(TOKEN, () => serverV2('new', ['new-tool']));
    const after = await stage.connectModern(url, TOKEN);
    expect(namesOf(await after.listTools())).toEqual(['new-tool']);
  });

  it('makes one canary at once when sessions are open, which fires serverUpdated', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('old') });
    const updated = collect(server, 'serverUpdated');
    await openSession(url, TOKEN);
    await openSession(url, TOKEN);
    const factory = vi.fn(() => serverV1('new'));
    const before = Date.now();
    server.updateToken(TOKEN, factory);
    await vi.waitFor(() => {
      expect(updated).toHaveLength(1);
    });
    const updatedAt = expect.any(Date) as Date;
    expect(updated).toEqual([[{ token: TOKEN, oldServerName: 'old', newServerName: 'new', updatedAt }]]);
    expect(updated[0]?.[0].updatedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(factory).toHaveBeenCalledTimes(1);
    await openSession(url, TOKEN);
    expect(updated).toHaveLength(1);
  });

  it('fires serverUpdated with the first new session when none is open', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('old') });
    const updated = collect(server, 'serverUpdated');
    const registered = collect(server, 'serverRegistered');
    const { transport } = await stage.connect(url, TOKEN);
    await transport.terminateSession();
    await vi.waitFor(() => {
      expect(server.getStats().activeSessions).toBe(0);
    });
    const factory = vi.fn(() => serverV1('new'));
    server.updateToken(TOKEN, factory);
    expect(factory).not.toHaveBeenCalled();
    expect(updated).toEqual([]);
    await openSession(url, TOKEN);
    expect(updated).toHaveLength(1);
    expect(updated[0]?.[0]).toMatchObject({ token: TOKEN, oldServerName: 'old', newServerName: 'new' });
    expect(registered).toHaveLength(1);
  });

  it('registers the new server when the old one was never made', async () => {
    const old = vi.fn(() => serverV1('old'));
    const { server, url } = await stage.start({ [TOKEN]: old });
    const registered = collect(server, 'serverRegistered');
    server.updateToken(TOKEN, () => serverV1('new', ['greet'], '7.0.0'));
    await openSession(url, TOKEN);
    expect(old).not.toHaveBeenCalled();
    expect(registered).toHaveLength(1);
    expect(registered[0]?.[0]).toMatchObject({ token: TOKEN, serverName: 'new', serverVersion: '7.0.0' });
  });

  it('changes nothing but serverFailed when the canary fails', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('old', ['old-tool']) });
    const failed = collect(server, 'serverFailed');
    const updated = collect(server, 'serverUpdated');
    const before = await stage.connect(url, TOKEN);
    const broken = new Error('The new server does not start.');
    expect(server.updateToken(TOKEN, () => Promise.reject(broken))).toBe(server);
    await vi.waitFor(() => {
      expect(failed).toHaveLength(1);
    });
    expect(failed[0]?.[0]).toMatchObject({ token: TOKEN, error: { code: 'factory_failed' } });
    expect(namesOf(await before.client.listTools())).toEqual(['old-tool']);
    const after = await stage.connect(url, TOKEN);
    expect(namesOf(await after.client.listTools())).toEqual(['old-tool']);
    expect(updated).toEqual([]);
    expect(failed).toHaveLength(1);
    expect(server.getStats()).toMatchObject({ registeredTokens: 1, activeServers: 1, activeSessions: 2 });
  });

  it('can be repeated after a canary has failed', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('old') });
    const failed = collect(server, 'serverFailed');
    const updated = collect(server, 'serverUpdated');
    await openSession(url, TOKEN);
    server.updateToken(TOKEN, () => Promise.reject(new Error('not yet')));
    await vi.waitFor(() => {
      expect(failed).toHaveLength(1);
    });
    server.updateToken(TOKEN, () => serverV1('fixed'));
    const { client } = await stage.connect(url, TOKEN);
    expect(client.getServerVersion()?.name).toBe('fixed');
    await vi.waitFor(() => {
      expect(updated).toHaveLength(1);
    });
    expect(updated[0]?.[0]).toMatchObject({ oldServerName: 'old', newServerName: 'fixed' });
  });

  it('lets the last of several updates win at once, though an earlier one is still being made', async () => {
    const slow = gate();
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('first') });
    const updated = collect(server, 'serverUpdated');
    await openSession(url, TOKEN);
    server.updateToken(TOKEN, async () => {
      await slow.opened;
      return serverV1('second');
    });
    server.updateToken(TOKEN, () => serverV1('third'));
    const startedAt = performance.now();
    const early = await stage.connect(url, TOKEN);
    expect(early.client.getServerVersion()?.name).toBe('third');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    slow.open();
    const late = await stage.connect(url, TOKEN);
    expect(late.client.getServerVersion()?.name).toBe('third');
    await vi.waitFor(() => {
      expect(updated.at(-1)?.[0].newServerName).toBe('third');
    });
  });

  it('gives a session that is opened while the canary is still made the new server', async () => {
    const slow = gate();
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('old') });
    await openSession(url, TOKEN);
    server.updateToken(TOKEN, async () => {
      await slow.opened;
      return serverV1('new');
    });
    const connecting = stage.connect(url, TOKEN);
    slow.open();
    const { client } = await connecting;
    expect(client.getServerVersion()?.name).toBe('new');
  });

  it('tells the names that each session was opened with', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('old') });
    const before = await openSession(url, TOKEN);
    server.updateToken(TOKEN, () => serverV1('new'));
    const after = await openSession(url, TOKEN);
    const names = new Map(
      server.getActiveSessions().map((session) => [session.sessionId, session.serverName]),
    );
    expect(names.get(before)).toBe('old');
    expect(names.get(after)).toBe('new');
  });

  it('tells the new name in serverRemoved', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('old') });
    const removed = collect(server, 'serverRemoved');
    await openSession(url, TOKEN);
    server.updateToken(TOKEN, () => serverV1('new'));
    await openSession(url, TOKEN);
    server.removeToken(TOKEN);
    await vi.waitFor(() => {
      expect(removed).toHaveLength(1);
    });
    expect(removed[0]?.[0]).toMatchObject({ serverName: 'new', hadActiveSessions: true });
  });

  it('works while the server is stopped', async () => {
    const server = stage.make().addToken(TOKEN, () => serverV1('old'));
    server.updateToken(TOKEN, () => serverV1('new'));
    const { url } = await server.start();
    const { client } = await stage.connect(url, TOKEN);
    expect(client.getServerVersion()?.name).toBe('new');
  });
});
