import { createMcpHandler, type McpServer, type Server } from '@modelcontextprotocol/server';
import { createTessera, type McpServerLike } from '@tessera-mcp/core';
import { closeLater } from '../../../session-era/helpers/cleanup.js';
import { newToken } from '../../../session-era/helpers/world.js';
import type { MadeFor } from '../servers/asked.js';
import { CALLERS, type CallerName, type FuzzedRequest } from './draft.js';

/** One way of answering requests. */
export interface Way {
  readonly name: string;
  readonly answer: (request: FuzzedRequest) => Promise<Response>;
  /** What goes on although all has been answered, and then, when it is closed, which servers are still open. */
  readonly leftOver?: () => Promise<Readonly<Record<string, number>>>;
}

/** What the names of the SDK's own ways begin with. */
export const BY_SDK = 'by the SDK';

const CALLER_NAMES: readonly CallerName[] = ['admin', 'guest'];
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A request as `fetch` takes it. */
export function toWebRequest({ headers, body }: FuzzedRequest, token?: string): Request {
  const all = new Headers(headers.map(([name, value]): [string, string] => [name, value]));
  if (token !== undefined) all.set('authorization', `Bearer ${token}`);
  return new Request('http://localhost/mcp', { method: 'POST', headers: all, body });
}

/** Has a tessera answer, with its fast path or without. It is closed after the test. */
export function throughTessera(
  server: (madeFor: MadeFor) => McpServerLike,
  { direct }: { readonly direct: boolean },
): Way {
  const everMade: McpServerLike[] = [];
  const tessera = createTessera({ logger: SILENT });
  closeLater(() => tessera.close());
  tessera.addTenant({
    id: 'acme',
    server: ({ principal }) => {
      const made = server({ scopes: principal.scopes });
      everMade.push(made);
      return made;
    },
    stateless: { direct },
  });
  const tokens = new Map<CallerName, string>();
  for (const caller of CALLER_NAMES) {
    const token = newToken();
    tessera.addToken('acme', token, { scopes: CALLERS[caller] });
    tokens.set(caller, token);
  }
  return {
    name: direct ? 'directly' : 'not directly',
    answer: (request) => tessera.fetch(toWebRequest(request, tokens.get(request.caller))),
    leftOver: async () => {
      const { callsInFlight, openListens, parkedCalls } = tessera.getStats();
      await tessera.close();
      // A server that was looked at and never connected has nothing to close.
      const openServers = everMade.filter((made) => innerOf(made).transport !== undefined).length;
      return { callsInFlight, openListens, parkedCalls, openServers };
    },
  };
}

/** Has the handler of SDK v2 answer alone. It is closed after the test. */
export function throughSdk(server: (madeFor: MadeFor) => McpServer | Server): Way {
  const factory = (context: { readonly authInfo?: { readonly scopes: string[] } }): McpServer | Server =>
    server({ scopes: context.authInfo?.scopes ?? [] });
  const handler = createMcpHandler(factory, { legacy: 'reject' });
  closeLater(() => handler.close());
  return {
    name: BY_SDK,
    answer: (request) => {
      const scopes = [...CALLERS[request.caller]];
      return handler.fetch(toWebRequest(request), { authInfo: { token: 't', clientId: 'c', scopes } });
    },
  };
}

/** The part of a server that knows whether it is connected. */
function innerOf(made: McpServerLike): { readonly transport?: unknown } {
  const { server } = made as { readonly server?: { readonly transport?: unknown } };
  return server ?? (made as { readonly transport?: unknown });
}

function ignore(): void {
  // What is logged is of no interest here.
}
