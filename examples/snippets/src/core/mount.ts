/* A tessera among other handlers of Web requests. */
import type { Tessera } from '@tessera-mcp/core';

export function besideOthers(
  tessera: Tessera,
  answerOthers: (request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  //#region mount
  const answer = (request: Request): Promise<Response> => {
    const place = { prefix: '/api' }; // the endpoint is at /api/mcp
    const { pathname } = new URL(request.url);
    return tessera.serves(pathname, place) ? tessera.fetch(request, place) : answerOthers(request);
  };
  //#endregion
  return answer;
}

export async function behindParser(tessera: Tessera, request: Request): Promise<Response> {
  //#region parsed
  const parsedBody: unknown = await request.json();
  const response = await tessera.fetch(request, { parsedBody });
  //#endregion
  return response;
}
