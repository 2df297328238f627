import { FastifyMcpServer, type FastifyMcpServerOptions } from '@tessera-mcp/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';

import { serverV1 } from '../../one-line-server/helpers/servers.js';
import { closeEverything, closeLater } from '../../session-era/helpers/cleanup.js';
import { fastifyApp, initializeInit, PathRecorder, tesseraWith } from './helpers/mounts.js';

afterEach(closeEverything);

/** The status without a token, and with the first message of a client. */
async function statusesAt(app: FastifyInstance, url: string): Promise<[number, number]> {
  const without = await app.inject({ method: 'POST', url });
  const { headers, body } = initializeInit() as { headers: Record<string, string>; body: string };
  const opening = await app.inject({ method: 'POST', url, headers, payload: body });
  return [without.statusCode, opening.statusCode];
}

/** Registers the plugin in a scope whose prefix has a parameter. */
async function registerInScope(app: FastifyInstance, options: FastifyMcpServerOptions): Promise<void> {
  const register = async (scope: FastifyInstance): Promise<void> => {
    await scope.register(FastifyMcpServer, options);
  };
  await app.register(register, { prefix: '/t/:id' });
}

describe('The Fastify plugin and the options of the router', () => {
  it('Is reached in a scope whose prefix has a parameter.', async () => {
    const app = fastifyApp();
    await registerInScope(app, { tessera: tesseraWith() });
    expect(await statusesAt(app, '/t/7/mcp')).toEqual([401, 200]);
    expect(await statusesAt(app, '/t/seven/mcp')).toEqual([401, 200]);
    expect(await statusesAt(app, '/t/7/mcpx')).toEqual([404, 404]);
    expect(await statusesAt(app, '/mcp')).toEqual([404, 404]);
  });

  it('Is reached in any case where the router does not tell cases apart.', async () => {
    const app = Fastify({ routerOptions: { caseSensitive: false } });
    closeLater(() => app.close());
    await app.register(FastifyMcpServer, { tessera: tesseraWith() });
    for (const url of ['/mcp', '/MCP', '/Mcp?x=1']) expect(await statusesAt(app, url)).toEqual([401, 200]);
  });

  it('Is reached with a slash at the end where the router does not mind.', async () => {
    const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
    closeLater(() => app.close());
    await app.register(FastifyMcpServer, { tessera: tesseraWith() });
    for (const url of ['/mcp', '/mcp/']) expect(await statusesAt(app, url)).toEqual([401, 200]);
  });

  it('Is found nowhere else where the router is strict.', async () => {
    const app = fastifyApp();
    await app.register(FastifyMcpServer, { tessera: tesseraWith() });
    for (const url of ['/MCP', '/mcp/']) expect(await statusesAt(app, url)).toEqual([404, 404]);
  });

  it('Tells a plain handler the prefix that the request has, in a scope with a parameter.', async () => {
    const app = fastifyApp();
    const handler = new PathRecorder();
    await registerInScope(app, { mount: handler });
    for (const url of ['/t/7/x', '/t/7', '/t/seven/deep/er']) {
      expect((await app.inject({ url })).payload).toBe('plain');
    }
    expect(handler.prefixes).toEqual(['/t/7', '/t/7', '/t/seven']);
    expect(handler.paths).toEqual(['/t/7/x', '/t/7', '/t/seven/deep/er']);
  });
});

describe('Two registrations of the Fastify plugin with documents for OAuth clients', () => {
  it('Start together, and each endpoint has its own document.', async () => {
    const app = fastifyApp();
    for (const endpoint of ['/one', '/two']) {
      await app.register(FastifyMcpServer, {
        server: () => serverV1('documented'),
        endpoint,
        authorization: {
          bearerMiddlewareOptions: {
            verifier: { verifyAccessToken: () => Promise.reject(new Error('Nobody has a token.')) },
          },
          oauth2: {
            protectedResourceOAuthMetadata: { resource: `https://mcp.example${endpoint}` },
            authorizationServerOAuthMetadata: { issuer: 'https://auth.example' },
          },
        },
      });
    }
    await app.ready();
    for (const endpoint of ['/one', '/two']) {
      const document = await app.inject({ url: `/.well-known/oauth-protected-resource${endpoint}` });
      expect(document.statusCode).toBe(200);
      expect(document.json()).toEqual({ resource: `https://mcp.example${endpoint}` });
      const refused = await app.inject({ method: 'POST', url: endpoint });
      expect(refused.statusCode).toBe(401);
      expect(refused.headers['www-authenticate']).toContain(
        `/.well-known/oauth-protected-resource${endpoint}"`,
      );
    }
    // At the root there is place for one; it speaks for the endpoint that came first.
    const atRoot = await app.inject({ url: '/.well-known/oauth-protected-resource' });
    expect(atRoot.json()).toEqual({ resource: 'https://mcp.example/one' });
    const server = await app.inject({ url: '/.well-known/oauth-authorization-server' });
    expect(server.json()).toEqual({ issuer: 'https://auth.example' });
  });
});
