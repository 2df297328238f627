/* Clients in the pages about errors. */
//#region import
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
//#endregion

export function withToken(token: string): StreamableHTTPClientTransport {
  //#region missing_token
  const transport = new StreamableHTTPClientTransport(new URL('https://mcp.example.com/mcp'), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  //#endregion
  return transport;
}

export async function declaredAsJson(
  url: string,
  headers: Record<string, string>,
  message: object,
): Promise<void> {
  //#region unsupported_media_type
  await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(message),
  });
  //#endregion
}
