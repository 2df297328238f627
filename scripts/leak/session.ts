import assert from 'node:assert/strict';

/** What came back for a request. */
export interface Reply {
  readonly status: number;
  readonly sessionId: string | null;
  /** The whole body. */
  text(): Promise<string>;
  /** One more piece of the body; nothing at its end. */
  next(): Promise<string | undefined>;
  /** Goes away without reading on. */
  leave(): Promise<void>;
}

/** A request to a tessera. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Fires when the client goes away before an answer has come. */
  readonly signal?: AbortSignal;
}

/** A way to a tessera. */
export type Send = (asked: Asked) => Promise<Reply>;

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'cycle', version: '1.0.0' },
  },
});

const INITIALIZED = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });

/** A session as a client has it, without a client's own memory. */
export class Session {
  readonly #send: Send;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(send: Send, headers: Readonly<Record<string, string>>) {
    this.#send = send;
    this.#headers = headers;
  }

  /** Opens a session, as every client does. */
  static async open(send: Send, token: string): Promise<Session> {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const opened = await send({ method: 'POST', headers, body: INITIALIZE });
    assert.equal(opened.status, 200);
    assert.match(await opened.text(), /"serverInfo"/);
    assert.ok(opened.sessionId);
    const session = new Session(send, {
      ...headers,
      'mcp-session-id': opened.sessionId,
      'mcp-protocol-version': '2025-11-25',
    });
    const told = await session.#ask('POST', INITIALIZED);
    assert.equal(told.status, 202);
    await told.text();
    return session;
  }

  /** Calls a tool and hands over what comes back. */
  call(tool: string, text: string, signal?: AbortSignal): Promise<Reply> {
    const params = { name: tool, arguments: { text } };
    return this.#ask('POST', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }), signal);
  }

  /** Calls `echo` and checks its answer. */
  async echo(text: string): Promise<void> {
    const reply = await this.call('echo', text);
    assert.equal(reply.status, 200);
    assert.ok((await reply.text()).includes(`"text":"${text}"`));
  }

  /** Opens the stream for what the server sends unasked. */
  async listen(): Promise<Reply> {
    const reply = await this.#ask('GET');
    assert.equal(reply.status, 200);
    return reply;
  }

  /** Comes back for the rest of a stream. */
  async resume(lastEventId: string): Promise<Reply> {
    const headers = { ...this.#headers, 'last-event-id': lastEventId };
    const reply = await this.#send({ method: 'GET', headers });
    assert.equal(reply.status, 200);
    return reply;
  }

  /** Ends the session. */
  async delete(): Promise<void> {
    const reply = await this.#ask('DELETE');
    assert.equal(reply.status, 200);
    await reply.text();
  }

  #ask(method: Asked['method'], body?: string, signal?: AbortSignal): Promise<Reply> {
    return this.#send({
      method,
      headers: this.#headers,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}
