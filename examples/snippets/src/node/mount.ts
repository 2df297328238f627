/* A tessera on a Node server of its own, and on one that answers other requests as well. */
//#region import
import { createServer } from 'node:http';
import { pathOf } from '@tessera-mcp/core';
import { toNodeHandler } from '@tessera-mcp/node';
//#endregion
import type { RequestListener, Server } from 'node:http';
import type { Tessera } from '@tessera-mcp/core';
import { serve, type NodeIncoming, type NodeOutgoing, type Served } from '@tessera-mcp/node';

export function besideOthers(tessera: Tessera, answerOthers: RequestListener): Server {
  //#region beside
  const place = { prefix: '/api' }; // the endpoint is at /api/mcp
  const handler = toNodeHandler(tessera);
  const server = createServer((request, response) => {
    if (tessera.serves(pathOf(request.url ?? '/'), place)) void handler(request, response, place);
    else answerOthers(request, response);
  });
  //#endregion
  return server;
}

export async function behindParser(
  tessera: Tessera,
  request: NodeIncoming & { readonly body: unknown },
  response: NodeOutgoing,
): Promise<void> {
  const handler = toNodeHandler(tessera);
  //#region parsed
  await handler(request, response, { parsedBody: request.body });
  //#endregion
}

export async function servedAlone(tessera: Tessera): Promise<Served> {
  //#region serve
  const served = await serve(tessera, { port: 8080 });
  //#endregion
  return served;
}
