import assert from 'node:assert/strict';
import type { Reply, Send } from './session.js';

const PREFIX = 'io.modelcontextprotocol/';
const REVISION = '2026-07-28';

/** Who asks. */
export interface StatelessClientOptions {
  readonly token: string;
  /** What the client calls itself: servers are kept for one client. */
  readonly name: string;
}

/** How a call differs from others. */
export interface CallOptions {
  /** Fires when the client goes away before an answer has come. */
  readonly signal?: AbortSignal;
  /** The header that repeats the tool's name. Default: the name as it is. */
  readonly name?: string;
  /** Least level of log messages it wants. Default: none. */
  readonly logLevel?: string;
}

/** A client of MCP 2026-07-28, without a client's own memory. */
export class StatelessClient {
  readonly #send: Send;
  readonly #options: StatelessClientOptions;

  constructor(send: Send, options: StatelessClientOptions) {
    this.#send = send;
    this.#options = options;
  }

  /** Calls a tool and hands over what comes back. */
  call(tool: string, text: string, { signal, name = tool, logLevel }: CallOptions = {}): Promise<Reply> {
    const meta = logLevel === undefined ? {} : { [`${PREFIX}logLevel`]: logLevel };
    const params = { name: tool, arguments: { text } };
    return this.#ask('tools/call', { params, meta, headers: { 'mcp-name': name }, signal });
  }

  /** Opens a stream of changes. */
  async listen(): Promise<Reply> {
    const params = { notifications: { toolsListChanged: true } };
    const reply = await this.#ask('subscriptions/listen', { params });
    assert.equal(reply.status, 200);
    return reply;
  }

  #ask(
    method: string,
    given: {
      readonly params: object;
      readonly meta?: object;
      readonly headers?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<Reply> {
    const { params, meta = {}, headers = {}, signal } = given;
    const envelope = {
      [`${PREFIX}protocolVersion`]: REVISION,
      [`${PREFIX}clientInfo`]: { name: this.#options.name, version: '1.0.0' },
      [`${PREFIX}clientCapabilities`]: {},
      ...meta,
    };
    return this.#send({
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#options.token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': REVISION,
        'mcp-method': method,
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: envelope } }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}
