import { initializeMessage, toolCall, type Id, type InitializeOptions } from './messages.js';
import { EventReader } from './streams.js';
import type { SendOptions, World } from './world.js';

const ACCEPT = 'application/json, text/event-stream';

export interface CallerOptions {
  readonly token?: string;
  readonly session?: string;
  readonly version?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Headers of a well-made request. */
export function headersOf(options: CallerOptions, method = 'POST'): Record<string, string> {
  return {
    accept: method === 'GET' ? 'text/event-stream' : ACCEPT,
    ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...(options.session === undefined ? {} : { 'mcp-session-id': options.session }),
    ...(options.version === undefined ? {} : { 'mcp-protocol-version': options.version }),
    ...options.headers,
  };
}

/** Posts a message; a string or a stream goes out as it is. */
export function post(
  world: World,
  message: object | string | ReadableStream,
  options: CallerOptions = {},
): Promise<Response> {
  const asIs = typeof message === 'string' || message instanceof ReadableStream;
  return world.send({
    body: asIs ? message : JSON.stringify(message),
    headers: headersOf(options),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** A request without a body. */
export function bare(world: World, method: string, options: CallerOptions = {}): Promise<Response> {
  const request: SendOptions = { method, headers: headersOf(options, method) };
  return world.send(options.signal === undefined ? request : { ...request, signal: options.signal });
}

export const initialize = (
  world: World,
  token: string,
  options: InitializeOptions & { readonly session?: string } = {},
): Promise<Response> =>
  post(
    world,
    initializeMessage(options),
    options.session === undefined ? { token } : { token, session: options.session },
  );

/** A client's session. */
export class TestSession {
  readonly world: World;
  readonly token: string;
  readonly id: string;
  readonly version: string;

  constructor(world: World, caller: { token: string; session: string; version: string }) {
    this.world = world;
    this.token = caller.token;
    this.id = caller.session;
    this.version = caller.version;
  }

  get caller(): { token: string; session: string; version: string } {
    return { token: this.token, session: this.id, version: this.version };
  }

  post(message: object | string, options: CallerOptions = {}): Promise<Response> {
    return post(this.world, message, { ...this.caller, ...options });
  }

  call(id: Id, tool: string, text = '', options: CallerOptions = {}): Promise<Response> {
    return this.post(toolCall(id, tool, text), options);
  }

  get(options: CallerOptions = {}): Promise<Response> {
    return bare(this.world, 'GET', { ...this.caller, ...options });
  }

  /** Opens a GET stream and reads it. */
  async listen(): Promise<EventReader> {
    const response = await this.get();
    if (response.status !== 200) throw new Error(`GET was answered with ${String(response.status)}.`);
    return new EventReader(response);
  }

  end(options: CallerOptions = {}): Promise<Response> {
    return bare(this.world, 'DELETE', { ...this.caller, ...options });
  }
}

/** Opens a session and says that it is initialized. */
export async function openSession(
  world: World,
  token: string,
  options: InitializeOptions = {},
): Promise<TestSession> {
  const response = await initialize(world, token, options);
  const body = await response.text();
  const id = response.headers.get('mcp-session-id');
  if (response.status !== 200 || id === null) {
    throw new Error(`No session was opened: ${String(response.status)} ${body}`);
  }
  const session = new TestSession(world, { token, session: id, version: options.version ?? '2025-11-25' });
  await session.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return session;
}
