import type { McpServerLike } from '@tessera-mcp/core';
import { describe, expect, it } from 'vitest';
import FastifyMcpServer, {
  getMcpDecorator,
  type AuthInfo,
  type AuthorizationOptions,
  type BearerTokenProvider,
} from '../src/index.js';
import { callText, connect, echoServer, listen, makeApp } from './helpers/apps.js';
import { openRaw, postInitialize, postPing } from './helpers/raw-session.js';
import { KnownTokens, authInfo, inSeconds } from './helpers/verifiers.js';

/** Looks tokens up and makes their servers, both slowly, and remembers what it was asked. */
class Directory extends KnownTokens implements BearerTokenProvider {
  readonly made: { token: string; authInfo: AuthInfo }[] = [];

  async createServerForToken(token: string, info: AuthInfo): Promise<McpServerLike> {
    this.made.push({ token, authInfo: info });
    await new Promise((resolve) => setTimeout(resolve, 10));
    return echoServer(token);
  }
}

async function serve(authorization: AuthorizationOptions): Promise<string> {
  const app = makeApp();
  await app.register(FastifyMcpServer, { authorization });
  return `${await listen(app)}/mcp`;
}

describe("a user's own provider", () => {
  it('is asked once for each session for a server, with the token and what was verified about it', async () => {
    const known = { scopes: ['read'], clientId: 'app', extra: { sub: 'anna', plan: 'large' } };
    const provider = new Directory({ 'token-a': known, 'token-b': {} });
    const url = await serve({ bearerTokenProvider: provider });
    const [one, two] = [await connect(url, 'token-a'), await connect(url, 'token-a')];
    const other = await connect(url, 'token-b');
    for (const client of [one, two]) {
      expect(await callText(client, 'echo', { text: '1' })).toBe('token-a: 1');
      expect(await callText(client, 'echo', { text: '2' })).toBe('token-a: 2');
    }
    expect(await callText(other, 'echo', { text: '3' })).toBe('token-b: 3');
    expect(provider.made).toEqual([
      { token: 'token-a', authInfo: authInfo('token-a', known) },
      { token: 'token-a', authInfo: authInfo('token-a', known) },
      { token: 'token-b', authInfo: authInfo('token-b') },
    ]);
  });

  it('verifies a token once for several quick requests', async () => {
    const provider = new Directory({ 'token-a': {}, 'token-b': {} });
    const url = await serve({ bearerTokenProvider: provider });
    const { id } = await openRaw(url, { token: 'token-a' });
    for (let round = 0; round < 5; round += 1) {
      expect((await postPing(url, id, 'token-a')).status).toBe(200);
    }
    await openRaw(url, { token: 'token-b' });
    expect(provider.asked).toEqual(['token-a', 'token-b']);
  });

  it('verifies a token once for first requests that come at the same time', async () => {
    const provider = new Directory({ 'token-a': {}, 'token-b': {} });
    const url = await serve({ bearerTokenProvider: provider });
    const tokens = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'token-a' : 'token-b'));
    const answers = await Promise.all(tokens.map((token) => postInitialize(url, { token })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(provider.asked.toSorted()).toEqual(['token-a', 'token-b']);
  });

  it('is asked again after five seconds, and a busy client does not put that off', async () => {
    const provider = new Directory({ 'token-a': {} });
    const url = await serve({ bearerTokenProvider: provider });
    const { id } = await openRaw(url, { token: 'token-a' });
    const startedAt = performance.now();
    await expect
      .poll(
        async () => {
          await postPing(url, id, 'token-a');
          return provider.asked.length;
        },
        { timeout: 10_000, interval: 250 },
      )
      .toBe(2);
    expect(performance.now() - startedAt).toBeGreaterThan(4000);
    expect(performance.now() - startedAt).toBeLessThan(8000);
  });

  it('is not believed beyond the expiry of a token', async () => {
    const provider = new Directory({ 'token-a': { expiresAt: inSeconds(3) } });
    const url = await serve({ bearerTokenProvider: provider });
    const { id } = await openRaw(url, { token: 'token-a' });
    expect((await postPing(url, id, 'token-a')).status).toBe(200);
    const expired = async (): Promise<number> => (await postPing(url, id, 'token-a')).status;
    await expect.poll(expired, { timeout: 6000 }).toBe(401);
    expect((await postInitialize(url, { token: 'token-a' })).status).toBe(401);
  });

  it('answers 401 to a token it rejects, and makes no server for it', async () => {
    const provider = new Directory({});
    const url = await serve({ bearerTokenProvider: provider });
    const response = await postInitialize(url, { token: 'token-x' });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: 'invalid_token',
      error_description: 'Nobody knows this token',
    });
    expect(provider.made).toEqual([]);
  });

  it('says nothing of what went wrong when it cannot make a server', async () => {
    const app = makeApp();
    const bearerTokenProvider: BearerTokenProvider = {
      verifyAccessToken: (token) => Promise.resolve(authInfo(token)),
      createServerForToken: () => Promise.reject(new Error('database password is swordfish')),
    };
    await app.register(FastifyMcpServer, { authorization: { bearerTokenProvider } });
    const url = `${await listen(app)}/mcp`;
    const response = await postInitialize(url, { token: 'token-a' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('swordfish');
    expect(getMcpDecorator(app).getStats().activeSessions).toBe(0);
  });

  it('can have its tokens verified by a verifier beside it', async () => {
    const provider = new Directory({});
    const verifier = new KnownTokens({ 'token-a': { scopes: ['read'] } });
    const url = await serve({ bearerTokenProvider: provider, bearerMiddlewareOptions: { verifier } });
    await openRaw(url, { token: 'token-a' });
    expect(provider.made).toEqual([
      { token: 'token-a', authInfo: authInfo('token-a', { scopes: ['read'] }) },
    ]);
    expect(verifier.asked).toEqual(['token-a']);
    expect(provider.asked).toEqual([]);
  });
});
