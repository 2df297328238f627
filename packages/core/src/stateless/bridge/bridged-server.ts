import { coreError } from '../../errors/core-error.js';
import { connectionClosed, internalError, soundResponse } from '../../errors/json-rpc-errors.js';
import { SharedServerUse } from '../../servers/shared-server.js';
import { closeQuietly } from '../../servers/server-maker.js';
import type { MessageExtra, SendOptions, ServerTransport } from '../../servers/transport.js';
import {
  isRequest,
  isResponse,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcParams,
  type JsonRpcResponse,
} from '../../shared/json-rpc.js';
import type { McpServerLike } from '../../shared/mcp-server.js';
import type { Timers } from '../../shared/platform.js';
import { isPlainObject } from '../../shared/values.js';
import type { ClientIdentity } from '../envelope.js';
import { identityOf, type ServerDescription } from '../instances/mark-server.js';
import { connectionLost, type Round, type RoundAnswer } from './round.js';
import { Run, type RunParts } from './run.js';

/** What a bridge to a server is made with. */
export interface BridgeParts {
  readonly made: McpServerLike;
  readonly client: ClientIdentity;
  /** What the server hears of whoever its first client is. */
  readonly extra: MessageExtra;
  readonly input: RunParts['input'];
  readonly timers: Timers;
  readonly observer: {
    /** It says something that belongs to no call. */
    readonly said: (notification: JsonRpcNotification) => void;
    readonly failed: (thrown: unknown) => void;
    /** Its only run is over; `spoilt` when the server cannot be used for another. */
    readonly idle: (spoilt: boolean) => void;
    readonly closed: () => void;
  };
}

const SESSION_REVISION = '2025-11-25';
const LONGEST_LIST = 20;

/**
 * A server that only knows sessions (SDK v1, or one that several share), at the end of a line of its own: it is told the
 * `initialize` of a client that never sent one, and serves one call at a time.
 */
export class BridgedServer implements ServerTransport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  /** What it says of itself. */
  description!: ServerDescription;
  /** Tools whose parameters travel in headers too, with their input schemas; undefined while it is not known which they are. */
  headerTools: ReadonlyMap<string, Record<string, unknown>> | undefined;
  readonly #parts: BridgeParts;
  readonly #asked = new Map<number, (response: JsonRpcResponse) => void>();
  #tell: (message: JsonRpcMessage, extra: MessageExtra) => void;
  #closeServer: () => void;
  #lastId = 0;
  #run: { readonly id: number; readonly run: Run } | undefined;
  #closed = false;

  private constructor(parts: BridgeParts) {
    this.#parts = parts;
    this.#tell = (message, extra) => {
      try {
        this.onmessage?.(message as never, extra as never);
      } catch (thrown) {
        parts.observer.failed(thrown);
        if ('method' in message && 'id' in message) this.#take(internalError(message.id));
      }
    };
    this.#closeServer = () => {
      closeQuietly(parts.made);
    };
  }

  /** Connects a server and introduces its client. */
  static async connect(parts: BridgeParts, signal: AbortSignal): Promise<BridgedServer> {
    const bridged = new BridgedServer(parts);
    const onAbort = (): void => {
      bridged.closeServer();
    };
    signal.addEventListener('abort', onAbort);
    try {
      await bridged.#connect();
      await bridged.#initialize();
      await bridged.learnHeaderTools();
      if (bridged.closed) throw new Error('it closed itself');
      return bridged;
    } catch (thrown) {
      bridged.closeServer();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a handler of it is at work, or waits for its client. */
  get busy(): boolean {
    return this.#run !== undefined;
  }

  /** Lets it answer a call. Only while it is not busy. */
  call(round: Round): Promise<RoundAnswer> {
    if (this.#closed || round.signal.aborted) return Promise.resolve(connectionLost());
    this.#lastId += 1;
    const id = this.#lastId;
    const { input, timers, observer } = this.#parts;
    const run = new Run(
      {
        id,
        input,
        timers,
        tell: this.#tell,
        over: (spoilt) => {
          if (this.#run?.id !== id) return;
          this.#run = undefined;
          observer.idle(spoilt);
        },
      },
      round,
    );
    this.#run = { id, run };
    return run.start(round);
  }

  /** Gives up the call that it is at, if it is at one. */
  abandon(reason: string): void {
    this.#run?.run.abandon(reason);
  }

  /** Finds out which tools have parameters that travel in headers. */
  async learnHeaderTools(): Promise<void> {
    const found = new Map<string, Record<string, unknown>>();
    this.headerTools = undefined;
    let cursor: unknown;
    for (let page = 0; page < LONGEST_LIST && 'tools' in this.description.capabilities; page += 1) {
      const response = await this.#ask('tools/list', typeof cursor === 'string' ? { cursor } : {});
      // Whether there are any is not known then; it is found out another time.
      if (!('result' in response)) return;
      const { tools, nextCursor } = response.result;
      for (const tool of Array.isArray(tools) ? (tools as unknown[]) : []) {
        const { name, inputSchema } = isPlainObject(tool) ? tool : {};
        if (typeof name !== 'string' || !isPlainObject(inputSchema)) continue;
        if (namesHeader(inputSchema)) found.set(name, inputSchema);
      }
      if (typeof nextCursor !== 'string') break;
      cursor = nextCursor;
    }
    this.headerTools = found;
  }

  closeServer(): void {
    this.#closeServer();
    void this.close();
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async send(message: JsonRpcMessage, options: SendOptions = {}): Promise<void> {
    this.#take(message, options);
    return Promise.resolve();
  }

  /** Called by the server when it closes. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    try {
      this.onclose?.();
    } catch (thrown) {
      this.#parts.observer.failed(thrown);
    }
    this.abandon('The server has closed itself.');
    for (const [id, answer] of this.#asked) answer(connectionClosed(id));
    this.#asked.clear();
    this.#parts.observer.closed();
    return Promise.resolve();
  }

  async #connect(): Promise<void> {
    const { made, observer } = this.#parts;
    if (!(made instanceof SharedServerUse)) {
      await made.connect(this as never);
      return;
    }
    const link = await made.shared.link({
      sessionId: undefined,
      deliver: (_link, message, options) => {
        this.#take(message, options);
      },
      closed: () => void this.close(),
      failed: observer.failed,
    });
    this.#tell = (message, extra) => {
      link.receive(message, extra);
    };
    this.#closeServer = () => {
      link.closeServer();
    };
    if (this.#closed) link.closeServer();
  }

  /** SDK v1 refuses some of what clients may say of themselves today, so less is said until it is content. */
  async #initialize(): Promise<void> {
    const { info = { name: 'unknown', version: '0' }, capabilities } = this.#parts.client;
    const { name = 'unknown', version = '0' } = info;
    const { roots, sampling, elicitation } = capabilities;
    const defined = Object.entries({ roots, sampling, elicitation }).filter(([, value]) =>
      isPlainObject(value),
    );
    const attempts = [
      { clientInfo: info, capabilities },
      { clientInfo: { name, version }, capabilities: Object.fromEntries(defined) },
      { clientInfo: { name: 'unknown', version: '0' }, capabilities: {} },
    ];
    let refusal = '';
    for (const attempt of attempts) {
      const response = await this.#ask('initialize', { protocolVersion: SESSION_REVISION, ...attempt });
      if ('result' in response) {
        const { serverInfo, capabilities: offered, instructions } = response.result;
        this.description = {
          server: { ...(isPlainObject(serverInfo) ? serverInfo : {}), ...identityOf(serverInfo) },
          capabilities: isPlainObject(offered) ? offered : {},
          instructions: typeof instructions === 'string' ? instructions : undefined,
        };
        this.#tell({ jsonrpc: '2.0', method: 'notifications/initialized' }, this.#parts.extra);
        return;
      }
      refusal = response.error.message;
    }
    throw coreError('factory_failed', `The server refused initialize: ${refusal}`);
  }

  #ask(method: string, params: JsonRpcParams): Promise<JsonRpcResponse> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      if (this.#closed) {
        resolve(connectionClosed(id));
        return;
      }
      this.#asked.set(id, resolve);
      this.#tell({ jsonrpc: '2.0', id, method, params }, this.#parts.extra);
    });
  }

  #take(said: JsonRpcMessage, { relatedRequestId }: SendOptions = {}): void {
    if (this.#closed) return;
    const message = isResponse(said) ? soundResponse(said) : said;
    if (isResponse(message)) {
      const id = Number(message.id);
      const answer = this.#asked.get(id);
      this.#asked.delete(id);
      if (answer !== undefined) answer(message);
      else if (this.#run?.id === id) this.#run.run.take(message);
      return;
    }
    if (!('id' in message) && /(list_changed|resources\/updated)$/.test(message.method)) {
      if (message.method === 'notifications/tools/list_changed') this.headerTools = undefined;
      this.#parts.observer.said(message);
      return;
    }
    // What belongs to a call that is over is not to be heard in the next one.
    const isLate = relatedRequestId !== undefined && Number(relatedRequestId) !== this.#run?.id;
    if (this.#run !== undefined && !isLate) this.#run.run.take(message);
    else if (isRequest(message)) {
      const error = { code: -32603, message: 'There is no call that this could be asked in.' };
      this.#tell({ jsonrpc: '2.0', id: message.id, error }, this.#parts.extra);
    }
  }
}

/** Whether parameters of a tool travel in headers too. A schema that cannot be written as JSON is no schema. */
function namesHeader(inputSchema: Record<string, unknown>): boolean {
  try {
    return JSON.stringify(inputSchema).includes('"x-mcp-header"');
  } catch {
    return false;
  }
}
