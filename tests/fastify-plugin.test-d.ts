import type { OAuthTokenVerifier as VerifierV1 } from '@modelcontextprotocol/sdk/server/auth/provider.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { OAuthMetadata, OAuthProtectedResourceMetadata } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { AuthInfo as AuthInfoV1 } from '@modelcontextprotocol/sdk/server/auth/types.js';
import type { OAuthTokenVerifier as VerifierV2 } from '@modelcontextprotocol/server';
import FastifyMcpServer, {
  TokenBasedServerProvider,
  getMCPDecorator,
  getMcpDecorator,
  type AuthInfo,
  type BearerTokenProvider,
  type FastifyMcpServerOptions,
  type OAuthTokenVerifier,
} from '@tessera-mcp/fastify';
import type { FastifyInstance } from 'fastify';
import { describe, expectTypeOf, test } from 'vitest';

declare const app: FastifyInstance;
declare const mcp: McpServer;
declare const verifierV1: VerifierV1;
declare const verifierV2: VerifierV2;
declare const authorizationServer: OAuthMetadata;
declare const protectedResource: OAuthProtectedResourceMetadata;

describe('the options of the plugin', () => {
  test('take servers, verifiers and documents of the SDKs as they are', () => {
    void app.register(FastifyMcpServer, { server: mcp.server, endpoint: '/mcp' });
    void app.register(FastifyMcpServer, {
      server: () => mcp,
      authorization: {
        bearerMiddlewareOptions: {
          verifier: verifierV1,
          requiredScopes: ['read'],
          resourceMetadataUrl: 'https://example.com/.well-known/oauth-protected-resource',
        },
        oauth2: {
          authorizationServerOAuthMetadata: authorizationServer,
          protectedResourceOAuthMetadata: protectedResource,
        },
      },
    });
    expectTypeOf(verifierV2).toExtend<OAuthTokenVerifier>();
    expectTypeOf<AuthInfoV1>().toExtend<AuthInfo>();
    expectTypeOf<AuthInfo>().toExtend<AuthInfoV1>();
  });

  test('take a provider in both places', () => {
    const provider = new TokenBasedServerProvider({ one: () => mcp, two: () => mcp.server });
    const options: FastifyMcpServerOptions = {
      endpoint: '/mcp',
      authorization: { bearerTokenProvider: provider, bearerMiddlewareOptions: { verifier: provider } },
    };
    void app.register(FastifyMcpServer, options);
    expectTypeOf(provider).toExtend<BearerTokenProvider>();
    expectTypeOf(
      provider.addToken('three', () => Promise.resolve(mcp.server)),
    ).toEqualTypeOf<TokenBasedServerProvider>();
  });

  test('refuse unknown names', () => {
    // @ts-expect-error the option is called "endpoint"
    expectTypeOf<{ server: McpServer; path: string }>().toEqualTypeOf<FastifyMcpServerOptions>();
  });
});

describe('the decorator', () => {
  test('has statistics, a session manager and a shutdown', () => {
    expectTypeOf(getMCPDecorator).toEqualTypeOf(getMcpDecorator);
    expectTypeOf(getMcpDecorator(app).getStats().activeSessions).toEqualTypeOf<number>();
    expectTypeOf(getMcpDecorator(app).shutdown()).toEqualTypeOf<Promise<void>>();
    const manager = getMcpDecorator(app).getSessionManager();
    manager.on('sessionCreated', (sessionId) => {
      expectTypeOf(sessionId).toEqualTypeOf<string>();
    });
    manager.on('sessionDestroyed', (sessionId) => {
      expectTypeOf(sessionId).toEqualTypeOf<string>();
    });
    manager.on('transportError', (sessionId, error) => {
      expectTypeOf(sessionId).toEqualTypeOf<string>();
      expectTypeOf(error).toEqualTypeOf<Error>();
    });
    // @ts-expect-error there is no such event
    manager.on('sessionEnded', () => undefined);
  });
});
