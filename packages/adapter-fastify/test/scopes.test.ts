import { InsufficientScopeError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { describe, expect, it } from 'vitest';
import FastifyMcpServer, { TokenBasedServerProvider, type AuthInfo } from '../src/index.js';
import { echoServer, listen, makeApp } from './helpers/apps.js';
import { openRaw, postInitialize, postPing } from './helpers/raw-session.js';
import { serveVerified } from './helpers/verified-app.js';
import { inSeconds } from './helpers/verifiers.js';

const METADATA_URL = 'https://mcp.example/.well-known/oauth-protected-resource/mcp';
const RESOURCE_METADATA = `resource_metadata="${METADATA_URL}"`;

const KNOWN: Record<string, Partial<AuthInfo>> = {
  all: { scopes: ['read', 'write'] },
  more: { scopes: ['admin', 'write', 'read'] },
  half: { scopes: ['read'] },
  none: { scopes: [] },
  alike: { scopes: ['read write', 'reads', 'WRITE'] },
  expired: { scopes: ['read', 'write'], expiresAt: inSeconds(-60) },
};

const serve = (resourceMetadataUrl?: string): ReturnType<typeof serveVerified> =>
  serveVerified(KNOWN, {
    requiredScopes: ['read', 'write'],
    ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
  });

describe('required scopes', () => {
  it.each(['all', 'more'])('let in a token that has %s', async (token) => {
    const { url } = await serve();
    const { id } = await openRaw(url, { token });
    expect((await postPing(url, id, token)).status).toBe(200);
  });

  it.each(['half', 'none', 'alike'])(
    'keep out a token that has %s, and say what is needed',
    async (token) => {
      const { url } = await serve();
      const response = await postInitialize(url, { token });
      expect(response.status).toBe(403);
      const challenge = response.headers.get('www-authenticate');
      expect(challenge).toMatch(/^Bearer /);
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain('scope="read write"');
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      const body = (await response.json()) as Record<string, unknown>;
      expect(Object.keys(body).sort()).toEqual(['error', 'error_description']);
      expect(body['error']).toBe('insufficient_scope');
      expect(body['error_description']).toEqual(expect.any(String));
    },
  );

  it.each(['GET', 'DELETE'])('are required for %s too', async (method) => {
    const { url } = await serve();
    const { id } = await openRaw(url, { token: 'all' });
    const headers = { authorization: 'Bearer half', accept: 'text/event-stream', 'mcp-session-id': id };
    expect((await fetch(url, { method, headers })).status).toBe(403);
    expect((await postPing(url, id, 'all')).status).toBe(200);
  });

  it('are not asked for when none are configured', async () => {
    const { url } = await serveVerified(KNOWN);
    expect((await postInitialize(url, { token: 'none' })).status).toBe(200);
  });

  it('apply to the tokens of a provider that has a verifier', async () => {
    const app = makeApp();
    const provider = new TokenBasedServerProvider({ 'token-a': () => echoServer() });
    await app.register(FastifyMcpServer, {
      authorization: {
        bearerTokenProvider: provider,
        bearerMiddlewareOptions: {
          verifier: {
            verifyAccessToken: (token) => Promise.resolve({ token, clientId: 'client', scopes: ['read'] }),
          },
          requiredScopes: ['write'],
        },
      },
    });
    const response = await postInitialize(`${await listen(app)}/mcp`, { token: 'token-a' });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="write"');
  });

  it('say what is needed also when the verifier refuses by itself', async () => {
    const app = makeApp();
    const verifyAccessToken = (): Promise<never> => Promise.reject(new InsufficientScopeError('No'));
    await app.register(FastifyMcpServer, {
      server: () => echoServer(),
      authorization: {
        bearerMiddlewareOptions: { verifier: { verifyAccessToken }, requiredScopes: ['read', 'write'] },
      },
    });
    const response = await postInitialize(`${await listen(app)}/mcp`, { token: 'token-a' });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(response.headers.get('www-authenticate')).toContain('scope="read write"');
  });
});

describe('resource_metadata', () => {
  it.each([
    ['no token', undefined, 401],
    ['an unknown token', 'unknown', 401],
    ['an expired token', 'expired', 401],
    ['a token without the scopes', 'half', 403],
  ])('is in the challenge for %s', async (_what, token, status) => {
    const { url } = await serve(METADATA_URL);
    const response = await postInitialize(url, token === undefined ? {} : { token });
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(response.headers.get('www-authenticate')).toContain(RESOURCE_METADATA);
  });

  it.each([
    ['no token', undefined],
    ['an unknown token', 'unknown'],
    ['a token without the scopes', 'half'],
  ])('is not in the challenge for %s when it is not configured', async (_what, token) => {
    const { url } = await serve();
    const response = await postInitialize(url, token === undefined ? {} : { token });
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(response.headers.get('www-authenticate')).not.toContain('resource_metadata');
  });

  it('comes without an error when no token was sent', async () => {
    const { url } = await serve(METADATA_URL);
    const { headers } = await postInitialize(url);
    expect(headers.get('www-authenticate')).not.toContain('error=');
  });
});
