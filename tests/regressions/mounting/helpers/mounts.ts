import type { Server } from 'node:net';

import {
  createTessera,
  type FetchHandler,
  type Logger,
  type Tessera,
  type TesseraOptions,
} from '@tessera-mcp/core';
import Fastify, { type FastifyInstance } from 'fastify';

import { serverV1 } from '../../../one-line-server/helpers/servers.js';
import { closeLater } from '../../../session-era/helpers/cleanup.js';
import { listenOn, stopListening } from '../../helpers/connections.js';

/** The token of every tessera that is made here. */
export const TOKEN = 'mounting_Vq3tY8rLx0ZkN5cHw2BsJ7dGm9PfAe4u';

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A tessera with one tenant; it is closed after the test. */
export function tesseraWith(options: TesseraOptions = {}): Tessera {
  const tessera = createTessera({ logger: SILENT, ...options });
  tessera.addTenant({ id: 'acme', server: () => serverV1('acme'), tokens: [TOKEN] });
  closeLater(() => tessera.close());
  return tessera;
}

/** A handler that keeps the paths it was asked for, and their prefixes. */
export class PathRecorder implements FetchHandler {
  readonly paths: string[] = [];
  readonly prefixes: (string | undefined)[] = [];

  fetch(request: Request, context?: { readonly prefix?: string }): Response {
    this.paths.push(new URL(request.url).pathname);
    this.prefixes.push(context?.prefix);
    return new Response('plain');
  }
}

/** An app that is closed after the test. */
export function fastifyApp(): FastifyInstance {
  const app = Fastify();
  closeLater(() => app.close());
  return app;
}

/** Lets an app listen on a free port, and returns it. */
export async function listenFastify(app: FastifyInstance): Promise<number> {
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
}

/** Lets a server listen until the test is over, and returns its port. */
export function listenWith(server: Server): Promise<number> {
  closeLater(() => stopListening(server));
  return listenOn(server);
}

/** Asks with the token, or without, and reads the whole answer. */
export async function ask(
  url: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The first message of a client, ready to be sent. */
export function initializeInit(headers: Record<string, string> = {}): RequestInit {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  };
  return {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${TOKEN}`,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  };
}
