import { PerBearerMcpServer, type PerBearerMcpServerOptions } from '@tessera-mcp/core';
import { nodeDigest } from './node-digest.js';
import { serve } from './serve.js';

/**
 * Makes a server for many tokens on one port, each with MCP servers of its own. It listens with `node:http`.
 *
 * @throws `invalid_option`, whose message names the option and what it may be
 */
export function createPerBearerMcpServer(options: PerBearerMcpServerOptions = {}): PerBearerMcpServer {
  return new PerBearerMcpServer(options, {
    digest: nodeDigest,
    listen: ({ tessera, host, port }) => serve(tessera, { host, port }),
  });
}
