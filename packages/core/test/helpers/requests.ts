import { McpServer } from '@modelcontextprotocol/server';
import type { Tessera } from '../../src/index.js';

const ENDPOINT = 'http://tessera.test/mcp';

/** A server with nothing but a name. */
export function plainServer(name = 'plain'): McpServer {
  return new McpServer({ name, version: '1.0.0' });
}

/** A POST with one message; `session` is the id of the session it is for. */
export function post(token: string, message: object, session?: string): Request {
  return new Request(ENDPOINT, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
}

/** The first message of a session. */
export const INITIALIZE = {
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  },
};

/** Opens a session and returns its id. */
export async function openSession(tessera: Tessera, token: string): Promise<string> {
  const response = await tessera.fetch(post(token, INITIALIZE));
  return response.headers.get('mcp-session-id') ?? `no session: ${await response.text()}`;
}

/** A POST whose body arrives only when `finish` is called. */
export function slowPost(
  token: string,
  message: object,
  session?: string,
): { request: Request; finish: () => void } {
  const whole = post(token, message, session);
  let finish: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      finish = () => {
        controller.enqueue(new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', ...message })));
        controller.close();
      };
    },
  });
  const init = { method: 'POST', headers: whole.headers, body, duplex: 'half' };
  return { request: new Request(ENDPOINT, init), finish };
}
