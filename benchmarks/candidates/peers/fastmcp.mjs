import { FastMCP } from 'fastmcp';
import { z } from 'zod';
import { bearerOf, candidate, tenantsByToken } from '../shared/harness.mjs';
import { toolsOf } from '../shared/tools.mjs';
import { freePort } from './listen.mjs';

// What it serves HTTP with writes a line at every GET and DELETE, and has no option against it.
globalThis.console.log = () => {};
const logger = Object.fromEntries(
  ['debug', 'error', 'info', 'log', 'warn'].map((level) => [level, () => {}]),
);

/*
 * fastmcp by its own HTTP server and its own `authenticate`. All tenants have the one server and its name, and a session is
 * whosever token is good: it keeps no account of who opened it. Modes: `session-json`, `session-sse`.
 */
candidate(async ({ tenants, tools, mode = 'session-json' }) => {
  const byToken = tenantsByToken(tenants);
  const server = new FastMCP({
    name: 'fastmcp',
    version: '1.0.0',
    logger,
    authenticate: async (request) => {
      const tenant = byToken.get(bearerOf(request.headers.authorization));
      if (tenant === undefined)
        throw new globalThis.Response(null, { status: 401, statusText: 'Unauthorized' });
      return { tenant };
    },
  });
  const served = toolsOf(tools, z).map(({ name, description, inputSchema, call }) => ({
    name,
    description,
    parameters: inputSchema,
    execute: async (input) => call(input),
  }));
  server.addTools(served);

  const port = await freePort();
  await server.start({
    transportType: 'httpStream',
    httpStream: { port, host: '127.0.0.1', enableJsonResponse: mode === 'session-json' },
  });
  return {
    port,
    sessions: () => server.sessions.length,
    // A tool that is added again is a change of the list.
    broadcast: () => server.addTool(served[0]),
  };
});
