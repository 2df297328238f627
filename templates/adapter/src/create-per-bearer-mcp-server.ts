import { PerBearerMcpServer, type Listen, type PerBearerMcpServerOptions } from '@tessera-mcp/core';
import { listenHttp, nodeDigest, toServedHandler } from '@tessera-mcp/node';

/**
 * Makes a server for many tokens on one port, each with MCP servers of its own. It listens with Template.
 *
 * @throws `invalid_option`, whose message names the option and what it may be
 */
export function createPerBearerMcpServer(options: PerBearerMcpServerOptions = {}): PerBearerMcpServer {
  return new PerBearerMcpServer(options, { digest: nodeDigest, listen: listenTemplate });
}

/** Serves a tessera on a Template app of its own. */
const listenTemplate: Listen = ({ tessera, host, port }) => {
  const handler = toServedHandler(tessera);
  return listenHttp((request, response) => void handler(request, response), { host, port });
};
