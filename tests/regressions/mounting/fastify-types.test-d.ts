import FastifyMcpServer, {
  getMCPDecorator,
  getMcpDecorator,
  toFastifyHandler,
  type McpDecorator,
} from '@tessera-mcp/fastify';
import type { Tessera } from '@tessera-mcp/core';
import Fastify from 'fastify';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import { describe, expectTypeOf, test } from 'vitest';

declare const tessera: Tessera;

describe('apps that listen with something else than plain HTTP/1', () => {
  test('take handlers of routes', () => {
    const handler = toFastifyHandler(tessera);
    const app = Fastify({ http2: true });
    app.all('/x', toFastifyHandler(tessera));
    app.get('/x', handler);
    Fastify({ http2: true, https: {} }).all('/x', handler);
    Fastify({ https: {} }).all('/x', handler);
    Fastify().all('/x', handler);
    Fastify().route({ method: ['GET', 'POST'], url: '/x', handler });
    expectTypeOf(app.server).toEqualTypeOf<Http2Server>();
  });

  test('take the plugin', () => {
    const overHttp2 = Fastify({ http2: true });
    const overTls = Fastify({ https: {} });
    const overBoth = Fastify({ http2: true, https: {} });
    void overHttp2.register(FastifyMcpServer, { tessera });
    void overTls.register(FastifyMcpServer, { tessera, prefix: '/api' });
    void overBoth.register(FastifyMcpServer, { tessera });
    expectTypeOf(overTls.server).toEqualTypeOf<HttpsServer>();
    expectTypeOf(overBoth.server).toEqualTypeOf<Http2SecureServer>();
  });

  test('have decorators', () => {
    expectTypeOf(getMcpDecorator(Fastify({ http2: true }))).toEqualTypeOf<McpDecorator>();
    expectTypeOf(getMcpDecorator(Fastify({ http2: true, https: {} }), '/mcp')).toEqualTypeOf<McpDecorator>();
    expectTypeOf(getMcpDecorator(Fastify({ https: {} }))).toEqualTypeOf<McpDecorator>();
    expectTypeOf(getMCPDecorator(Fastify())).toEqualTypeOf<McpDecorator>();
  });
});
