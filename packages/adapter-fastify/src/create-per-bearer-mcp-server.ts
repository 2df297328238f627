import { PerBearerMcpServer, type PerBearerMcpServerOptions } from '@tessera-mcp/core';
import { nodeDigest } from '@tessera-mcp/node';
import { listenFastify } from './listen-fastify.js';

/**
 * Makes a server for many tokens on one port, each with MCP servers of its own. It listens with Fastify.
 *
 * @throws `invalid_option`, whose message names the option and what it may be
 */
export function createPerBearerMcpServer(options: PerBearerMcpServerOptions = {}): PerBearerMcpServer {
  return new PerBearerMcpServer(options, { digest: nodeDigest, listen: listenFastify });
}
