import type { RequestListener, Server } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { toExpressHandler } from '../../packages/adapter-express/src/index.js';
import { FastifyMcpServer } from '../../packages/adapter-fastify/src/index.js';
import { toHonoHandler } from '../../packages/adapter-hono/src/index.js';
import { listenHttp, serve } from '../../packages/adapter-node/src/index.js';
import type { Tessera } from '../../packages/core/src/index.js';
import { listening } from '../../packages/testing/src/conformance/listening.js';
import { ROOT } from '../run.js';

/** A tessera that listens. */
export interface Listening {
  readonly origin: string;
  close(): Promise<void>;
}

/** What a tessera can be mounted on here. */
export type AdapterName = 'node' | 'express' | 'fastify' | 'hono';

/** Mounts a tessera on the adapter the way its page shows it, on a free port of 127.0.0.1. */
export const ADAPTERS: Readonly<Record<AdapterName, (tessera: Tessera) => Promise<Listening>>> = {
  node: (tessera) => serve(tessera),
  express: (tessera) => {
    const express = frameworkOf('express', 'express') as () => ExpressApp;
    return listenHttp(express().use(toExpressHandler(tessera)), { host: '127.0.0.1', port: 0 });
  },
  fastify: async (tessera) => {
    const createApp = frameworkOf('fastify', 'fastify') as () => FastifyApp;
    const app = createApp();
    await app.register(FastifyMcpServer, { tessera });
    return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
  },
  hono: (tessera) => {
    const { Hono } = frameworkOf('hono', 'hono') as { Hono: new () => HonoApp };
    const { createAdaptorServer } = frameworkOf('hono', '@hono/node-server') as HonoServer;
    const app = new Hono().use(toHonoHandler(tessera));
    // Replacing the global classes would reach into the cells that come after it.
    return listening(createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }), tessera);
  },
};

type ExpressApp = RequestListener & {
  use(handler: ReturnType<typeof toExpressHandler>): ExpressApp;
};

interface FastifyApp {
  register(plugin: typeof FastifyMcpServer, options: { tessera: Tessera }): PromiseLike<unknown>;
  listen(at: { host: string; port: number }): Promise<string>;
  close(): Promise<void>;
}

interface HonoApp {
  use(handler: ReturnType<typeof toHonoHandler>): HonoApp;
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

interface HonoServer {
  readonly createAdaptorServer: (options: {
    fetch: HonoApp['fetch'];
    overrideGlobalObjects: boolean;
  }) => Server;
}

/** The scripts have no dependencies of their own: each adapter's package brings its framework. */
function frameworkOf(adapter: string, framework: string): unknown {
  return createRequire(join(ROOT, 'packages', `adapter-${adapter}`, 'package.json'))(framework);
}
