import { InsufficientScopeError, InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import FastifyMcpServer, {
  getMcpDecorator,
  type AuthInfo,
  type BearerMiddlewareOptions,
  type OAuthTokenVerifier,
} from '../src/index.js';
import { connect, echoServer, listen, makeApp } from './helpers/apps.js';
import { openRaw, postInitialize, postPing, textOf } from './helpers/raw-session.js';
import { FLAVOURS, makeShared } from './helpers/shared-server.js';
import { Stage } from './helpers/stage.js';
import { serveVerified } from './helpers/verified-app.js';
import { KnownTokens, authInfo, inSeconds } from './helpers/verifiers.js';

const SEVERAL = ['anna', 'bert', 'cleo'] as const;

async function serve(
  bearerMiddlewareOptions: BearerMiddlewareOptions,
): Promise<{ app: FastifyInstance; url: string }> {
  const app = makeApp();
  await app.register(FastifyMcpServer, {
    server: () => echoServer(),
    authorization: { bearerMiddlewareOptions },
  });
  return { app, url: `${await listen(app)}/mcp` };
}

const rejecting = (thrown: unknown): OAuthTokenVerifier => ({
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever users throw
  verifyAccessToken: () => Promise.reject(thrown),
});

describe('what a verifier says of a token', () => {
  it('is on the raw request, unchanged', async () => {
    const known: Partial<AuthInfo> = {
      clientId: 'app',
      scopes: ['read', 'write'],
      expiresAt: inSeconds(60),
      resource: new URL('https://mcp.example/mcp'),
      extra: { sub: 'anna', nested: { list: [1, 2] } },
    };
    const app = makeApp();
    const seen: unknown[] = [];
    app.addHook('onResponse', (request, _reply, done) => {
      seen.push((request.raw as { auth?: AuthInfo }).auth);
      done();
    });
    await app.register(FastifyMcpServer, {
      server: () => echoServer(),
      authorization: { bearerMiddlewareOptions: { verifier: new KnownTokens({ 'token-a': known }) } },
    });
    const url = `${await listen(app)}/mcp`;
    await postInitialize(url, { token: 'token-a' });
    await postInitialize(url, { token: 'token-b' });
    await expect.poll(() => seen).toEqual([authInfo('token-a', known), undefined]);
  });

  it.each(FLAVOURS)('reaches each call of one %s that all sessions share', async (flavour) => {
    const stage = new Stage();
    const known = Object.fromEntries(SEVERAL.map((sub) => [`token-${sub}`, { extra: { sub } }]));
    const app = makeApp();
    await app.register(FastifyMcpServer, {
      server: makeShared(flavour, stage).server,
      authorization: { bearerMiddlewareOptions: { verifier: new KnownTokens(known) } },
    });
    const url = `${await listen(app)}/mcp`;
    const sessions = await Promise.all(SEVERAL.map((sub) => openRaw(url, { token: `token-${sub}` })));
    const answers = await Promise.all(sessions.map(({ callTool }) => callTool(1, 'who', '')));
    expect(answers.map(textOf)).toEqual(SEVERAL.map((sub) => `token-${sub}`));
    const expected = SEVERAL.map((sub) => authInfo(`token-${sub}`, { extra: { sub } }));
    expect(stage.callers).toHaveLength(SEVERAL.length);
    expect(stage.callers).toEqual(expect.arrayContaining(expected));
  });

  it.each(FLAVOURS)('reaches each call of a %s that a factory makes', async (flavour) => {
    const stage = new Stage();
    const known: Partial<AuthInfo> = { scopes: ['read'], expiresAt: inSeconds(60), extra: { plan: 'large' } };
    const app = makeApp();
    await app.register(FastifyMcpServer, {
      server: () => makeShared(flavour, stage).server,
      authorization: { bearerMiddlewareOptions: { verifier: new KnownTokens({ 'token-a': known }) } },
    });
    const { callTool } = await openRaw(`${await listen(app)}/mcp`, { token: 'token-a' });
    await callTool(1, 'who', '');
    await callTool(1, 'who', '');
    expect(stage.callers).toEqual([authInfo('token-a', known), authInfo('token-a', known)]);
  });
});

describe('a verifier that refuses a token', () => {
  it.each([
    ['InvalidTokenError of SDK v1', new InvalidTokenError('It was revoked')],
    ['OAuthError of SDK v2', new OAuthError(OAuthErrorCode.InvalidToken, 'It was revoked')],
  ])('with an %s has its message answered with 401', async (_what, error) => {
    const { url } = await serve({ verifier: rejecting(error) });
    const response = await postInitialize(url, { token: 'token-a' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="invalid_token", error_description="It was revoked"',
    );
    expect(await response.json()).toEqual({ error: 'invalid_token', error_description: 'It was revoked' });
  });

  it.each([
    ['InsufficientScopeError of SDK v1', new InsufficientScopeError('It may not do this')],
    ['OAuthError of SDK v2', new OAuthError(OAuthErrorCode.InsufficientScope, 'It may not do this')],
  ])('with an %s is answered with 403', async (_what, error) => {
    const { url } = await serve({ verifier: rejecting(error) });
    const response = await postInitialize(url, { token: 'token-a' });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope"/);
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' });
  });

  it('cannot break the header with what it says', async () => {
    const message = 'say "no" \\ \r\nx-injected: yes\u0000 ü 💥';
    const { url } = await serve({ verifier: rejecting(new InvalidTokenError(message)) });
    const response = await postInitialize(url, { token: 'token-a' });
    expect(response.status).toBe(401);
    expect(response.headers.get('x-injected')).toBeNull();
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    expect(await response.json()).toMatchObject({ error: 'invalid_token' });
  });

  it.each([
    ['an Error', new Error('swordfish')],
    ['an Error with another code', Object.assign(new Error('swordfish'), { code: 'ECONNREFUSED' })],
    ['a string', 'swordfish'],
    ['an object', { message: 'swordfish' }],
    ['nothing', undefined],
    ['null', null],
  ])('with %s is answered with a 500 that says nothing of it', async (_what, thrown) => {
    const { app, url } = await serve({ verifier: rejecting(thrown) });
    const response = await postInitialize(url, { token: 'token-a' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('swordfish');
    expect([...response.headers].join()).not.toContain('swordfish');
    expect(getMcpDecorator(app).getStats().activeSessions).toBe(0);
  });

  it('with a synchronous error is answered with a 500 that says nothing of it', async () => {
    const verifier: OAuthTokenVerifier = {
      verifyAccessToken: () => {
        throw new Error('swordfish');
      },
    };
    const { url } = await serve({ verifier });
    const response = await postInitialize(url, { token: 'token-a' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('swordfish');
  });

  it('after it has accepted it ends the sessions of that token, and of no other', async () => {
    const { app, url, verifier } = await serveVerified({ 'token-a': {}, 'token-b': {} });
    const client = await connect(url, 'token-a');
    const kept = await openRaw(url, { token: 'token-b' });
    await expect.poll(() => getMcpDecorator(app).getStats().openStreams).toBe(1);
    const ended: string[] = [];
    getMcpDecorator(app)
      .getSessionManager()
      .on('sessionDestroyed', (id) => ended.push(id));
    verifier.forget('token-a');
    const status = async (): Promise<number> => (await postPing(url, client.sessionId, 'token-a')).status;
    await expect.poll(status, { timeout: 10_000, interval: 250 }).toBe(401);
    await expect.poll(() => ended).toEqual([client.sessionId]);
    await expect.poll(() => getMcpDecorator(app).getStats().openStreams).toBe(0);
    expect((await postPing(url, kept.id, 'token-b')).status).toBe(200);
  });
});
