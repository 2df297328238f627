import { describe, expect, it } from 'vitest';
import FastifyMcpServer, { getMcpDecorator, TokenBasedServerProvider } from '../src/index.js';
import { callText, connect, echoServer, listen, makeApp } from './helpers/apps.js';
import { openRaw, postInitialize, postPing, textOf } from './helpers/raw-session.js';
import { makeShared } from './helpers/shared-server.js';
import { Stage } from './helpers/stage.js';
import { toolNames, twoTenants } from './helpers/tenants.js';

describe.each(['provider and verifier', 'provider', 'verifier'] as const)(
  'a provider of servers for tokens, passed as %s',
  (way) => {
    it('gives every token its own tools only', async () => {
      const { url } = await twoTenants(way);
      expect(await toolNames(await connect(url, 'token-a'))).toEqual(['tool-a']);
      expect(await toolNames(await connect(url, 'token-b'))).toEqual(['tool-b']);
      const stranger = await connect(url, 'token-b');
      expect(await callText(stranger, 'tool-a').catch((error: unknown) => String(error))).toMatch(
        /tool-a.*not found/i,
      );
    });

    it('answers 401 to a token it does not know, and to none', async () => {
      const { url } = await twoTenants(way);
      expect((await postInitialize(url, { token: 'token-c' })).status).toBe(401);
      expect((await postInitialize(url)).status).toBe(401);
      const { headers } = await postInitialize(url, { token: 'token-c' });
      expect(headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    });

    it('answers to the session of another token as to one that does not exist', async () => {
      const { url } = await twoTenants(way);
      const { id } = await openRaw(url, { token: 'token-a' });
      const [foreign, unknown] = await Promise.all([
        postPing(url, id, 'token-b'),
        postPing(url, '00000000-0000-4000-8000-000000000000', 'token-b'),
      ]);
      expect([foreign.status, unknown.status]).toEqual([404, 404]);
      expect(await foreign.text()).toBe(await unknown.text());
      expect((await postPing(url, id, 'token-a')).status).toBe(200);
    });

    it('serves a token that is added while the app runs', async () => {
      const { url, provider } = await twoTenants(way);
      expect((await postInitialize(url, { token: 'token-c' })).status).toBe(401);
      provider.addToken('token-c', () => echoServer('c'));
      expect(await callText(await connect(url, 'token-c'), 'echo', { text: 'x' })).toBe('c: x');
    });

    it('ends the sessions of a token that is removed, and answers 401 to its next request', async () => {
      const { app, url, provider } = await twoTenants(way);
      const removed = await openRaw(url, { token: 'token-a' });
      const kept = await openRaw(url, { token: 'token-b' });
      const ended: string[] = [];
      getMcpDecorator(app)
        .getSessionManager()
        .on('sessionDestroyed', (id) => ended.push(id));
      provider.removeToken('token-a');
      expect((await postPing(url, removed.id, 'token-a')).status).toBe(401);
      expect((await postInitialize(url, { token: 'token-a' })).status).toBe(401);
      await expect.poll(() => ended).toEqual([removed.id]);
      expect((await postPing(url, kept.id, 'token-b')).status).toBe(200);
    });

    it('gives new sessions the new server of a token, and lets open ones keep theirs', async () => {
      const { url, provider } = await twoTenants(way);
      const before = await connect(url, 'token-a');
      provider.updateToken('token-a', () => echoServer('new'));
      const after = await connect(url, 'token-a');
      expect(await toolNames(after)).toEqual(['echo', 'who']);
      expect(await toolNames(before)).toEqual(['tool-a']);
      expect(await callText(before, 'tool-a')).toBe('a');
      expect(await toolNames(await connect(url, 'token-b'))).toEqual(['tool-b']);
    });
  },
);

describe('a TokenBasedServerProvider', () => {
  it('is fluent, and can start empty', async () => {
    const provider = new TokenBasedServerProvider()
      .addToken('token-a', () => echoServer('old'))
      .addToken('token-b', () => echoServer('b'))
      .updateToken('token-a', async () => Promise.resolve(echoServer('new').server))
      .removeToken('token-b');
    expect(provider).toBeInstanceOf(TokenBasedServerProvider);
    const app = makeApp();
    await app.register(FastifyMcpServer, { authorization: { bearerTokenProvider: provider } });
    const url = `${await listen(app)}/mcp`;
    expect(await callText(await connect(url, 'token-a'), 'echo', { text: 'x' })).toBe('new: x');
    expect((await postInitialize(url, { token: 'token-b' })).status).toBe(401);
  });

  it('verifies the tokens it has, and no others', async () => {
    const provider = new TokenBasedServerProvider({ 'token-a': () => echoServer() });
    expect(await provider.verifyAccessToken('token-a')).toMatchObject({ token: 'token-a' });
    await expect(provider.verifyAccessToken('token-b')).rejects.toThrow();
    await expect(provider.verifyAccessToken('constructor')).rejects.toThrow();
    await expect(provider.verifyAccessToken('')).rejects.toThrow();
  });

  it('makes a server for every session', async () => {
    let made = 0;
    const provider = new TokenBasedServerProvider({ 'token-a': () => echoServer(String((made += 1))) });
    const app = makeApp();
    await app.register(FastifyMcpServer, { authorization: { bearerTokenProvider: provider } });
    const url = `${await listen(app)}/mcp`;
    const clients = [await connect(url, 'token-a'), await connect(url, 'token-a')];
    const answers = await Promise.all(clients.map((client) => callText(client, 'echo', { text: 'x' })));
    expect(new Set(answers).size).toBe(2);
  });

  it('closes streams and aborts calls at once when a token is removed', async () => {
    const stage = new Stage();
    const provider = new TokenBasedServerProvider({
      'token-a': () => makeShared('McpServer v1', stage).server,
      'token-b': () => makeShared('Server v2', stage).server,
    });
    const app = makeApp();
    await app.register(FastifyMcpServer, { authorization: { bearerTokenProvider: provider } });
    const url = `${await listen(app)}/mcp`;
    await connect(url, 'token-a');
    const [removed, kept] = await Promise.all([
      openRaw(url, { token: 'token-a' }),
      openRaw(url, { token: 'token-b' }),
    ]);
    const removedCall = removed.callTool(1, 'hold', 'removed').catch(() => 'settled');
    const keptCall = kept.callTool(1, 'hold', 'kept');
    await expect.poll(() => stage.held.size).toBe(2);
    await expect.poll(() => getMcpDecorator(app).getStats().openStreams).toBe(1);
    provider.removeToken('token-a');
    await expect.poll(() => stage.aborted).toEqual(['removed']);
    await expect.poll(() => getMcpDecorator(app).getStats().openStreams).toBe(0);
    await expect.poll(() => getMcpDecorator(app).getStats().activeSessions).toBe(1);
    await removedCall;
    stage.release('kept');
    expect(textOf(await keptCall)).toBe('held: kept');
  });

  it('does not give a token that is added again the sessions it had before', async () => {
    const { url, provider } = await twoTenants('provider and verifier');
    const { id } = await openRaw(url, { token: 'token-a' });
    provider.removeToken('token-a').addToken('token-a', () => echoServer('again'));
    expect((await postPing(url, id, 'token-a')).status).toBe(404);
    expect(await callText(await connect(url, 'token-a'), 'echo', { text: 'x' })).toBe('again: x');
  });

  it('serves several apps, and tells all of them that a token is removed', async () => {
    const provider = new TokenBasedServerProvider({ 'token-a': () => echoServer() });
    const apps = [makeApp(), makeApp()];
    for (const app of apps) {
      await app.register(FastifyMcpServer, { authorization: { bearerTokenProvider: provider } });
      await openRaw(`${await listen(app)}/mcp`, { token: 'token-a' });
    }
    provider.removeToken('token-a');
    for (const app of apps) {
      await expect.poll(() => getMcpDecorator(app).getStats().activeSessions).toBe(0);
    }
  });
});
