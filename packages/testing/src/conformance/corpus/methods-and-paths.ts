import { LIVE_GET, PING, POST, withHeaders, type CorpusRequest } from './corpus-request.js';

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

const WELL_KNOWN = '/.well-known';

const PATHS: readonly string[] = [
  '/mcp',
  '/mcp?',
  '/mcp?x=1&y=/mcp',
  '/mcp/',
  '/mcp//',
  '//mcp',
  '/mcpx',
  '/mc',
  '/MCP',
  '/%6dcp',
  '/mcp%2F',
  '/mcp%20',
  '/mcp;x=1',
  '/mcp/mcp',
  '/x/mcp',
  '/',
  `${WELL_KNOWN}/oauth-protected-resource`,
  `${WELL_KNOWN}/oauth-protected-resource?x=1`,
  `${WELL_KNOWN}/oauth-protected-resource/`,
  `${WELL_KNOWN}/oauth-protected-resource/mcp`,
  `${WELL_KNOWN}/oauth-protected-resource/mcp/`,
  `${WELL_KNOWN}/oauth-protected-resource/other`,
  `${WELL_KNOWN}/oauth-protected-resourcex`,
  `${WELL_KNOWN}/oauth-authorization-server`,
  `${WELL_KNOWN}/oauth-authorization-server/mcp`,
  `${WELL_KNOWN}/openid-configuration`,
  `/mcp${WELL_KNOWN}/oauth-protected-resource`,
];

/** Every method at every path that is something, or looks like it. */
export const methodsAndPaths: readonly CorpusRequest[] = PATHS.flatMap((path) =>
  METHODS.flatMap((method) =>
    [true, false].map((isKnown) => ({
      subject: 'methods and paths',
      name: `${method} ${path} ${isKnown ? 'with' : 'without'} a token`,
      method,
      path,
      headers: withHeaders(method === 'POST' ? POST : LIVE_GET, {
        'mcp-session-id': method === 'GET' || method === 'POST' ? '{live}' : 'nobody',
        ...(isKnown ? {} : { authorization: undefined }),
      }),
      ...(method === 'POST' ? { body: PING } : {}),
    })),
  ),
);
