import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import FastifyMcpServer, { type AuthorizationOptions, type FastifyMcpServerOptions } from '../src/index.js';
import { INITIALIZE, callText, connect, echoServer, listen, makeApp, postHeaders } from './helpers/apps.js';
import { KnownTokens } from './helpers/verifiers.js';

const SERVER_PATH = '/.well-known/oauth-authorization-server';
const RESOURCE_PATH = '/.well-known/oauth-protected-resource';

const authorizationServer = {
  issuer: 'https://login.example',
  authorization_endpoint: 'https://login.example/authorize',
  token_endpoint: 'https://login.example/token',
  response_types_supported: ['code'],
  'x-own-field': { nested: [1, null, 'ü'] },
};

const protectedResource = {
  resource: 'https://mcp.example/somewhere/else',
  authorization_servers: ['https://login.example'],
  'x-own-field': true,
};

const bearerMiddlewareOptions = { verifier: new KnownTokens({ 'token-a': {} }) };
const server = (): ReturnType<typeof echoServer> => echoServer();

async function serve(
  oauth2: AuthorizationOptions['oauth2'],
  options: Partial<FastifyMcpServerOptions> = {},
): Promise<FastifyInstance> {
  const app = makeApp();
  const authorization = { bearerMiddlewareOptions, ...(oauth2 && { oauth2 }) };
  await app.register(FastifyMcpServer, { server, authorization, ...options });
  return app;
}

const both = {
  authorizationServerOAuthMetadata: authorizationServer,
  protectedResourceOAuthMetadata: protectedResource,
};

describe('the documents of OAuth', () => {
  it.each([
    [SERVER_PATH, authorizationServer],
    [RESOURCE_PATH, protectedResource],
    [`${RESOURCE_PATH}/mcp`, protectedResource],
  ])('are served as they are at %s, to everybody', async (url, document) => {
    const response = await (await serve(both)).inject({ url, headers: { origin: 'https://page.example' } });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual(document);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expect(response.headers['access-control-allow-origin']).toBe('*');
    expect(response.headers['www-authenticate']).toBeUndefined();
  });

  it('are not looked at for the token of the request', async () => {
    const headers = { authorization: 'Bearer unknown' };
    const app = await serve(both);
    for (const url of [SERVER_PATH, RESOURCE_PATH]) {
      expect((await app.inject({ url, headers })).statusCode).toBe(200);
    }
  });

  it.each<[string, FastifyMcpServerOptions['prefix'], FastifyMcpServerOptions['endpoint'], string]>([
    ['a prefix', '/api', undefined, '/api/mcp'],
    ['another endpoint', undefined, '/tools', '/tools'],
    ['both', '/api', '/tools/mcp', '/api/tools/mcp'],
  ])('are at the root with %s', async (_what, prefix, endpoint, path) => {
    const app = await serve(both, {
      ...(prefix !== undefined && { prefix }),
      ...(endpoint !== undefined && { endpoint }),
    });
    expect((await app.inject({ url: SERVER_PATH })).json()).toEqual(authorizationServer);
    expect((await app.inject({ url: RESOURCE_PATH })).json()).toEqual(protectedResource);
    expect((await app.inject({ url: RESOURCE_PATH + path })).json()).toEqual(protectedResource);
    expect((await app.inject({ url: `/api${RESOURCE_PATH}` })).statusCode).toBe(404);
  });

  it('are refused below the prefix of another scope, which cannot put them at the root', async () => {
    const app = makeApp();
    const registering = app.register(
      async (scope) => {
        await scope.register(FastifyMcpServer, {
          server,
          authorization: { bearerMiddlewareOptions, oauth2: both },
        });
      },
      { prefix: '/v1' },
    );
    await expect(registering).rejects.toMatchObject({ code: 'invalid_option' });
    await expect(registering).rejects.toThrow('prefix: "/v1"');
  });

  it.each([
    ['neither', undefined, [404, 404, 404]],
    ['nothing in oauth2', {}, [404, 404, 404]],
    [
      'the authorization server only',
      { authorizationServerOAuthMetadata: authorizationServer },
      [200, 404, 404],
    ],
    ['the resource only', { protectedResourceOAuthMetadata: protectedResource }, [404, 200, 200]],
  ])('exist only when they are configured: %s', async (_what, oauth2, statuses) => {
    const app = await serve(oauth2);
    const urls = [SERVER_PATH, RESOURCE_PATH, `${RESOURCE_PATH}/mcp`];
    const answers = await Promise.all(urls.map((url) => app.inject({ url })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(statuses);
  });

  it('name the endpoint as the resource when they name none', async () => {
    const app = await serve({
      protectedResourceOAuthMetadata: { authorization_servers: ['https://login.example'] },
    });
    const origin = await listen(app);
    for (const path of [RESOURCE_PATH, `${RESOURCE_PATH}/mcp`]) {
      expect(await (await fetch(origin + path)).json()).toEqual({
        resource: `${origin}/mcp`,
        authorization_servers: ['https://login.example'],
      });
    }
  });

  it('do not exist at other paths', async () => {
    const app = await serve(both);
    for (const url of [`${RESOURCE_PATH}/other`, `${SERVER_PATH}/other`, `${RESOURCE_PATH}s`]) {
      expect((await app.inject({ url })).statusCode, url).toBe(404);
    }
  });

  it('can be served beside an endpoint that asks for no token', async () => {
    const app = makeApp();
    await app.register(FastifyMcpServer, { server: echoServer().server, authorization: { oauth2: both } });
    const origin = await listen(app);
    expect(await (await fetch(origin + SERVER_PATH)).json()).toEqual(authorizationServer);
    expect(await callText(await connect(`${origin}/mcp`), 'echo', { text: 'x' })).toBe('echo: x');
  });

  it('leave the endpoint guarded', async () => {
    const app = await serve(both);
    const headers = postHeaders();
    const response = await app.inject({ method: 'POST', url: '/mcp', headers, payload: INITIALIZE });
    expect(response.statusCode).toBe(401);
  });
});
