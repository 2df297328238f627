import express from 'express';
import { PerBearerMcpServer, type Listen, type PerBearerMcpServerOptions } from '@tessera-mcp/core';
import { listenHttp, nodeDigest, toServedHandler } from '@tessera-mcp/node';

/**
 * Makes a server for many tokens on one port, each with MCP servers of its own. It listens with Express.
 *
 * @throws `invalid_option`, whose message names the option and what it may be
 */
export function createPerBearerMcpServer(options: PerBearerMcpServerOptions = {}): PerBearerMcpServer {
  return new PerBearerMcpServer(options, { digest: nodeDigest, listen: listenExpress });
}

/** Serves a tessera on an Express app of its own. */
const listenExpress: Listen = ({ tessera, host, port }) => {
  const handler = toServedHandler(tessera);
  const app = express()
    .disable('x-powered-by')
    .use((request, response) => void handler(request, response));
  return listenHttp(app, { host, port });
};
