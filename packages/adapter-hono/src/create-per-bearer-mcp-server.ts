import { Hono } from 'hono';
import {
  PerBearerMcpServer,
  type Listen,
  type PerBearerMcpServerOptions,
  type RequestContext,
} from '@tessera-mcp/core';
import { nodeDigest, serve } from '@tessera-mcp/node';

/**
 * Makes a server for many tokens on one port, each with MCP servers of its own. It listens with Hono, on Node.
 *
 * @throws `invalid_option`, whose message names the option and what it may be
 */
export function createPerBearerMcpServer(options: PerBearerMcpServerOptions = {}): PerBearerMcpServer {
  return new PerBearerMcpServer(options, { digest: nodeDigest, listen: listenHono });
}

/** Serves a tessera on a Hono app of its own. */
const listenHono: Listen = ({ tessera, host, port }) => {
  const app = new Hono<{ Bindings: RequestContext }>().all('*', (c) => tessera.fetch(c.req.raw, c.env));
  return serve({ fetch: app.fetch, ready: () => tessera.ready() }, { host, port });
};
