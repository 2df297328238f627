import { postHeaders } from './apps.js';

/** A JSON-RPC message, as loosely as a test needs it. */
export interface RpcMessage {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: {
    readonly protocolVersion?: string;
    readonly serverInfo?: { readonly name: string };
    readonly content?: readonly { readonly text: string }[];
    readonly tools?: readonly { readonly name: string }[];
  };
  readonly error?: { readonly code: number; readonly message: string };
}

interface RawSessionOptions {
  readonly token?: string;
  readonly version?: string;
  readonly capabilities?: object;
}

/** A session whose request ids the test chooses. */
export interface RawSession {
  readonly id: string;
  readonly initialized: RpcMessage;
  /** Sends one message. */
  readonly post: (message: object) => Promise<Response>;
  /** Calls a tool and resolves with the last message of the answer. */
  readonly callTool: (id: number, name: string, text: string) => Promise<RpcMessage>;
  readonly delete: () => Promise<Response>;
}

/** Sends one JSON-RPC message. */
function postMessage(
  url: string,
  message: object,
  headers: Record<string, string> = postHeaders(),
): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
}

/** An `initialize` with a token, or without one. */
export function postInitialize(
  url: string,
  { token, version = '2025-11-25', capabilities = {} }: RawSessionOptions = {},
): Promise<Response> {
  const params = { protocolVersion: version, capabilities, clientInfo: { name: 'raw', version: '1.0.0' } };
  return postMessage(url, { id: 1, method: 'initialize', params }, postHeaders(token));
}

/** A `ping` in a session that may be somebody else's. */
export function postPing(url: string, sessionId: string, token?: string): Promise<Response> {
  return postMessage(url, { id: 1, method: 'ping' }, { ...postHeaders(token), 'mcp-session-id': sessionId });
}

/** Opens a session; every request of it may have the id 1. */
export async function openRaw(url: string, options: RawSessionOptions = {}): Promise<RawSession> {
  const response = await postInitialize(url, options);
  const id = response.headers.get('mcp-session-id');
  if (id === null) throw new Error(`No session: ${String(response.status)} ${await response.text()}`);
  const headers = { ...postHeaders(options.token), 'mcp-session-id': id };
  const post = (message: object): Promise<Response> => postMessage(url, message, headers);
  const initialized = await lastMessage(response);
  await post({ method: 'notifications/initialized' });
  return {
    id,
    initialized,
    post,
    callTool: async (requestId, name, text) => lastMessage(await post(toolCall(requestId, name, text))),
    delete: () => fetch(url, { method: 'DELETE', headers }),
  };
}

/** A `tools/call` message. */
export function toolCall(id: number, name: string, text: string): object {
  return { id, method: 'tools/call', params: { name, arguments: { text } } };
}

/** The text a tool answered with. */
export function textOf(message: RpcMessage): string | undefined {
  return message.result?.content?.map(({ text }) => text).join('');
}

/** The messages of an answer, whether it is one JSON body or an event stream. */
export async function* messagesOf(response: Response): AsyncGenerator<RpcMessage, undefined> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    yield (await response.json()) as RpcMessage;
    return;
  }
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const events = (text + chunk).split(/\r?\n\r?\n/);
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event)?.[1];
      if (data !== undefined) yield JSON.parse(data) as RpcMessage;
    }
  }
}

async function lastMessage(response: Response): Promise<RpcMessage> {
  let last: RpcMessage = {};
  for await (const message of messagesOf(response)) last = message;
  return last;
}
