import { createPerBearerMcpServer as createOnExpress } from '@tessera-mcp/express';
import { createPerBearerMcpServer as createOnFastify } from '@tessera-mcp/fastify';
import { createPerBearerMcpServer as createOnHono } from '@tessera-mcp/hono';
import {
  createPerBearerMcpServer as createOnNode,
  type PerBearerMcpServer,
  type PerBearerMcpServerOptions,
} from '@tessera-mcp/node';

/** A package that exports the one-line server. */
export interface Adapter {
  readonly adapter: string;
  readonly create: (options?: PerBearerMcpServerOptions) => PerBearerMcpServer;
}

/** Every behaviour is tested on each of these. */
export const adapters: readonly Adapter[] = [
  { adapter: 'node', create: createOnNode },
  { adapter: 'fastify', create: createOnFastify },
  { adapter: 'express', create: createOnExpress },
  { adapter: 'hono', create: createOnHono },
];
