/** The revision of each era that the load speaks. */
const REVISIONS = { session: '2025-11-25', stateless: '2026-07-28' } as const;

/** With sessions, or without. */
export type LoadEra = keyof typeof REVISIONS;

/** Where a request goes, and as whom. */
export interface Target {
  readonly path: string;
  readonly token: string;
  readonly era: LoadEra;
  readonly sessionId?: string | undefined;
}

const CLIENT = { name: 'bench', version: '1.0.0' };

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': REVISIONS.stateless,
  'io.modelcontextprotocol/clientInfo': CLIENT,
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Everything of a POST up to the length of its body: the same for each request of a client, so it is made once. */
export function postHead(target: Target, method?: string, name?: string): string {
  const lines = [
    `POST ${target.path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${target.token}`,
    'Accept: application/json, text/event-stream',
    'Content-Type: application/json',
    ...(target.sessionId === undefined ? [] : [`Mcp-Session-Id: ${target.sessionId}`]),
    ...(method === 'initialize' ? [] : [`Mcp-Protocol-Version: ${REVISIONS[target.era]}`]),
    ...(target.era === 'stateless' && method !== undefined ? [`Mcp-Method: ${method}`] : []),
    ...(target.era === 'stateless' && name !== undefined ? [`Mcp-Name: ${name}`] : []),
    'Content-Length: ',
  ];
  return lines.join('\r\n');
}

/** A whole POST. The body has only ASCII in it, so its length is known without a look at its bytes. */
export function post(head: string, body: string): Buffer {
  return Buffer.from(`${head}${String(body.length)}\r\n\r\n${body}`, 'latin1');
}

/** A request that has no body. */
export function bodiless(method: 'GET' | 'DELETE', target: Target): Buffer {
  const lines = [
    `${method} ${target.path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${target.token}`,
    `Accept: ${method === 'GET' ? 'text/event-stream' : '*/*'}`,
    ...(target.sessionId === undefined ? [] : [`Mcp-Session-Id: ${target.sessionId}`]),
    `Mcp-Protocol-Version: ${REVISIONS[target.era]}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** What a session begins with. */
export function initializeBody(id: number): string {
  const params = { protocolVersion: REVISIONS.session, capabilities: {}, clientInfo: CLIENT };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'initialize', params });
}

/** What a client says when it knows that it has a session. */
export const INITIALIZED_BODY: string = JSON.stringify({
  jsonrpc: '2.0',
  method: 'notifications/initialized',
});

/** Asks for the tools. */
export function listBody(id: number, era: LoadEra): string {
  const params = era === 'stateless' ? { params: { _meta: ENVELOPE } } : {};
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list', ...params });
}

/** Listens for changes of the tools, in the stateless era. */
export function listenBody(id: number): string {
  const params = { notifications: { toolsListChanged: true }, _meta: ENVELOPE };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params });
}

const ENVELOPE_TEXT = JSON.stringify(ENVELOPE);

/** A call of the tool `echo`; `text` needs no escaping. */
export function callBody(id: number, text: string, era: LoadEra): string {
  const meta = era === 'stateless' ? `,"_meta":${ENVELOPE_TEXT}` : '';
  return `{"jsonrpc":"2.0","id":${String(id)},"method":"tools/call","params":{"name":"echo","arguments":{"text":"${text}"}${meta}}}`;
}
