import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { McpServer as McpServerV2, Server as ServerV2 } from '@modelcontextprotocol/server';
import * as fastify from '@tessera-mcp/fastify';
import * as node from '@tessera-mcp/node';
import { describe, expectTypeOf, test } from 'vitest';

declare const server: fastify.PerBearerMcpServer;
declare const mcp: McpServer;

describe('the events of the one-line server', () => {
  test('have the arguments they promise', () => {
    server.on('started', (...payload) => {
      expectTypeOf(payload).toEqualTypeOf<[info: fastify.ServerInfo]>();
      expectTypeOf(payload[0]).toEqualTypeOf<{
        port: number;
        url: string;
        host: string;
        endpoint: string;
        startedAt: Date;
      }>();
    });
    server.on('stopped', (...payload) => {
      expectTypeOf(payload).toEqualTypeOf<[]>();
    });
    server.on('tokenAdded', (token) => {
      expectTypeOf(token).toEqualTypeOf<string>();
    });
    server.on('tokenRemoved', (token) => {
      expectTypeOf(token).toEqualTypeOf<string>();
    });
    server.on('tokenUpdated', (token) => {
      expectTypeOf(token).toEqualTypeOf<string>();
    });
    server.on('serverRegistered', (info) => {
      expectTypeOf(info).toEqualTypeOf<fastify.ServerRegisteredEvent>();
      expectTypeOf(info.serverVersion).toEqualTypeOf<string>();
      expectTypeOf(info.registeredAt).toEqualTypeOf<Date>();
    });
    server.on('serverUpdated', (info) => {
      expectTypeOf(info).toEqualTypeOf<fastify.ServerUpdatedEvent>();
      expectTypeOf(info.oldServerName).toEqualTypeOf<string>();
      expectTypeOf(info.newServerName).toEqualTypeOf<string>();
      expectTypeOf(info.updatedAt).toEqualTypeOf<Date>();
    });
    server.on('serverRemoved', (info) => {
      expectTypeOf(info).toEqualTypeOf<fastify.ServerRemovedEvent>();
      expectTypeOf(info.hadActiveSessions).toEqualTypeOf<boolean>();
      expectTypeOf(info.removedAt).toEqualTypeOf<Date>();
    });
    server.on('serverFailed', (info) => {
      expectTypeOf(info).toEqualTypeOf<{ token: string; error: Error }>();
    });
    server.on('sessionCreated', (session) => {
      expectTypeOf(session).toEqualTypeOf<fastify.SessionEvent>();
      expectTypeOf(session.createdAt).toEqualTypeOf<Date>();
    });
    server.on('sessionEnded', (session) => {
      expectTypeOf(session.duration).toEqualTypeOf<number>();
    });
    server.on('toolCalled', (call) => {
      expectTypeOf(call).toEqualTypeOf<fastify.ToolCallEvent>();
      expectTypeOf(call.success).toEqualTypeOf<boolean>();
    });
    server.on('transportError', (sessionId, error) => {
      expectTypeOf(sessionId).toEqualTypeOf<string>();
      expectTypeOf(error).toEqualTypeOf<Error>();
    });
  });

  test('take a listener of sessions for both session events', () => {
    const listener = (session: fastify.SessionEvent): string => session.sessionId;
    expectTypeOf(server.on('sessionCreated', listener)).toEqualTypeOf<fastify.PerBearerMcpServer>();
    expectTypeOf(server.on('sessionEnded', listener)).toEqualTypeOf<fastify.PerBearerMcpServer>();
  });

  test('do not take an unknown name', () => {
    // @ts-expect-error there is no such event
    server.on('sessionOpened', () => undefined);
    // @ts-expect-error there is no such event
    server.once('sessionOpened', () => undefined);
  });
});

describe('the methods of the one-line server', () => {
  test('are fluent where they promise it', () => {
    expectTypeOf(server.addToken('a', () => mcp).removeToken('a')).toEqualTypeOf<typeof server>();
    expectTypeOf(server.start()).toEqualTypeOf<Promise<fastify.ServerInfo>>();
    expectTypeOf(server.stop()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(server.getServerInfo()).toEqualTypeOf<fastify.ServerInfo | null>();
    expectTypeOf(server.getStats()).toEqualTypeOf<fastify.ServerStats>();
    expectTypeOf(server.getTokens()).toEqualTypeOf<string[]>();
    expectTypeOf(server.getActiveSessions()).toEqualTypeOf<fastify.SessionEvent[]>();
  });

  test('take servers of both SDKs, high and low level, at once or later', () => {
    expectTypeOf<() => McpServer>().toExtend<fastify.ServerFactory>();
    expectTypeOf<() => Server>().toExtend<fastify.ServerFactory>();
    expectTypeOf<() => Promise<Server>>().toExtend<fastify.ServerFactory>();
    expectTypeOf<() => McpServerV2>().toExtend<fastify.ServerFactory>();
    expectTypeOf<() => ServerV2>().toExtend<fastify.ServerFactory>();
    expectTypeOf<() => Promise<McpServerV2>>().toExtend<fastify.ServerFactory>();
    expectTypeOf<() => string>().not.toExtend<fastify.ServerFactory>();
    expectTypeOf<() => undefined>().not.toExtend<fastify.ServerFactory>();
  });
});

describe('the options of the one-line server', () => {
  test('take what environment variables give', () => {
    const environment = {} as Record<string, string | undefined>;
    const options = {
      port: environment['PORT'] ?? 8080,
      host: '0.0.0.0',
      logging: true,
      oauth2: {
        issuer: environment['ISSUER'],
        authorizationEndpoint: environment['AUTHORIZATION'],
        tokenEndpoint: environment['TOKEN'],
        registrationEndpoint: environment['REGISTRATION'],
      },
    };
    expectTypeOf(options).toExtend<fastify.PerBearerMcpServerOptions>();
  });

  test('do not take unknown names', () => {
    // @ts-expect-error the option is called "endpoint"
    fastify.createPerBearerMcpServer({ path: '/mcp' });
  });
});

describe('both adapters', () => {
  test('export the same one-line server', () => {
    expectTypeOf(node.createPerBearerMcpServer).toEqualTypeOf<typeof fastify.createPerBearerMcpServer>();
    expectTypeOf<node.PerBearerMcpServer>().toEqualTypeOf<fastify.PerBearerMcpServer>();
    expectTypeOf<node.PerBearerMcpServerOptions>().toEqualTypeOf<fastify.PerBearerMcpServerOptions>();
    expectTypeOf<node.ServerInfo>().toEqualTypeOf<fastify.ServerInfo>();
    expectTypeOf<node.ServerStats>().toEqualTypeOf<fastify.ServerStats>();
    expectTypeOf<node.ServerFactory>().toEqualTypeOf<fastify.ServerFactory>();
    expectTypeOf<node.SessionEvent>().toEqualTypeOf<fastify.SessionEvent>();
    expectTypeOf<node.ToolCallEvent>().toEqualTypeOf<fastify.ToolCallEvent>();
    expectTypeOf<node.ServerRegisteredEvent>().toEqualTypeOf<fastify.ServerRegisteredEvent>();
    expectTypeOf<node.ServerRemovedEvent>().toEqualTypeOf<fastify.ServerRemovedEvent>();
    expectTypeOf<node.ServerUpdatedEvent>().toEqualTypeOf<fastify.ServerUpdatedEvent>();
  });
});
