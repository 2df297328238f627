import { coreError } from '../errors/core-error.js';
import { coreErrors } from '../errors/core-errors.js';
import {
  isRequest,
  isResponse,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcRequest,
} from '../shared/json-rpc.js';
import { hearErrors, innerServer, type McpServerLike } from '../shared/mcp-server.js';
import { isPlainObject, toError } from '../shared/values.js';
import type { ServerFactory } from './server-factory.js';
import type { MessageExtra, SendOptions, ServerLink, ServerTransport } from './transport.js';

/** What a session gives to a shared server. */
export interface SharedServerUser {
  readonly sessionId: string | undefined;
  /** Takes what the server says to this session; ids are those the session gave. */
  readonly deliver: (link: ServerLink, message: JsonRpcMessage, options: SendOptions) => void;
  /** The server has closed itself. */
  readonly closed: () => void;
  /** The server, or its transport, has reported an error. */
  readonly failed: (error: Error) => void;
}

/**
 * Knows which call the code that is running belongs to. Without one, what a server asks outside of the context its SDK
 * gives to a handler can be told apart only while a single session is calling.
 */
export interface CallContext {
  /** Runs an action, and all that it starts, for a call. */
  run(call: unknown, action: () => void): void;
  /** The call that the code that asks is running for, if any. */
  current(): unknown;
}

/** The client capability that a question of the server needs. */
const NEEDED_CAPABILITY: Readonly<Record<string, string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

interface SharedCall {
  readonly link: SharedLink;
  readonly id: JsonRpcId;
}

const known = new WeakMap<object, SharedServer>();

/** Notifications that concern everybody who uses the server. */
const FOR_ALL = /^notifications\/(?:(?:tools|prompts|resources)\/list_changed|resources\/updated)$/;

/**
 * One server instance for many sessions. Each gets answers to its own `initialize` and its own calls; what the
 * server asks goes to the session whose call caused it; changes of lists go to all. Ending a session never closes
 * the server. What the instance itself remembers of its client is of the last one.
 */
export class SharedServer implements ServerTransport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  /** The session of the message that is being handed over; both SDKs read it then. */
  sessionId: string | undefined;
  readonly #server: McpServerLike;
  readonly #context: CallContext | undefined;
  readonly #links = new Set<SharedLink>();
  readonly #calls = new Map<number, SharedCall>();
  #lastId = 0;
  #connecting: Promise<void> | undefined;

  private constructor(server: McpServerLike, context: CallContext | undefined) {
    this.#server = server;
    this.#context = context;
  }

  /** The one wrapper of an instance, so that it can be used in several places. */
  static of(server: McpServerLike, context?: CallContext): SharedServer {
    const inner = innerServer(server);
    const shared = known.get(inner) ?? new SharedServer(server, context);
    known.set(inner, shared);
    return shared;
  }

  /** @throws `server_already_connected` */
  async link(user: SharedServerUser): Promise<ServerLink> {
    this.#connecting ??= this.#connect();
    try {
      await this.#connecting;
    } catch (thrown) {
      // Whatever was in the way may be gone the next time.
      this.#connecting = undefined;
      throw thrown;
    }
    const link = new SharedLink(this, user);
    this.#links.add(link);
    return link;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes a message from the server. Rejects what belongs to no session. */
  async send(message: JsonRpcMessage, options: SendOptions = {}): Promise<void> {
    if (isResponse(message)) {
      const call = this.#calls.get(Number(message.id));
      this.#calls.delete(Number(message.id));
      call?.link.user.deliver(call.link, { ...message, id: call.id }, {});
      return Promise.resolve();
    }
    const { relatedRequestId } = options;
    if (relatedRequestId === undefined && !isRequest(message) && FOR_ALL.test(message.method)) {
      for (const link of this.#links) link.user.deliver(link, message, {});
      return Promise.resolve();
    }
    const call =
      relatedRequestId === undefined ? this.#callAtHand() : this.#calls.get(Number(relatedRequestId));
    if (call !== undefined) {
      if (isRequest(message)) checkCapability(message.method, call.link);
      call.link.user.deliver(call.link, message, { relatedRequestId: call.id });
      return Promise.resolve();
    }
    if (message.method === 'notifications/cancelled') {
      // A question can be withdrawn when its call is over; each session knows which questions were put to it.
      for (const link of this.#links) link.user.deliver(link, message, {});
      return Promise.resolve();
    }
    throw coreError(
      'no_session_for_message',
      `The shared server sent "${message.method}" outside of a call, or while several sessions were calling. Use the context of the call (extra.sendRequest, ctx.mcpReq.send), or give each session a server of its own with a factory.`,
    );
  }

  /** The server has closed itself: all its sessions end. It may be used again by new ones. */
  close(): Promise<void> {
    this.#connecting = undefined;
    this.#calls.clear();
    const links = [...this.#links];
    this.#links.clear();
    this.onclose?.();
    for (const { user } of links) user.closed();
    return Promise.resolve();
  }

  /** Hands over a message of one session, under ids that no other session has. */
  receive(link: SharedLink, message: JsonRpcMessage, extra: MessageExtra): void {
    const translated = this.#translate(link, message);
    if (translated === undefined) return;
    this.sessionId = link.user.sessionId;
    const handOver = (): void => {
      this.onmessage?.(translated as never, extra as never);
    };
    try {
      if (isRequest(translated) && this.#context !== undefined) this.#context.run(translated.id, handOver);
      else handOver();
    } catch (thrown) {
      link.user.failed(toError(thrown));
      // In the place of the server, which has not answered.
      if (isRequest(translated) && this.#calls.delete(Number(translated.id)) && isRequest(message)) {
        const { jsonRpcCode: code, title } = coreErrors.internal_error;
        link.user.deliver(link, { jsonrpc: '2.0', id: message.id, error: { code, message: title } }, {});
      }
    } finally {
      this.sessionId = undefined;
    }
  }

  /** Whether a session still uses it. */
  has(link: SharedLink): boolean {
    return this.#links.has(link);
  }

  /** Ends the use by one session: its calls are cancelled, so that their handlers stop. */
  release(link: SharedLink): void {
    if (!this.#links.delete(link)) return;
    for (const [id, call] of this.#calls) {
      if (call.link !== link) continue;
      this.#calls.delete(id);
      const params = { requestId: id, reason: 'The session has ended.' };
      this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params } as never);
    }
  }

  /** Undefined for a message that could only concern somebody else. */
  #translate(link: SharedLink, message: JsonRpcMessage): JsonRpcMessage | undefined {
    if (isRequest(message)) {
      this.#lastId += 1;
      this.#calls.set(this.#lastId, { link, id: message.id });
      return { ...this.#withAllCapabilities(link, message), id: this.#lastId };
    }
    if (isResponse(message) || message.method !== 'notifications/cancelled') return message;
    const cancelled = message.params?.['requestId'];
    const found = [...this.#calls].find(([, call]) => call.link === link && call.id === cancelled);
    if (found === undefined) return undefined;
    this.#calls.delete(found[0]);
    return { ...message, params: { ...message.params, requestId: found[0] } };
  }

  /**
   * The instance remembers the capabilities of whoever initialized last, and asks nobody who lacks one. So it is told
   * what any of its clients can do, and each question is checked against the client it is for.
   */
  #withAllCapabilities(link: SharedLink, request: JsonRpcRequest): JsonRpcRequest {
    const { params } = request;
    if (request.method !== 'initialize' || !isPlainObject(params?.['capabilities'])) return request;
    link.capabilities = params['capabilities'];
    let capabilities = {};
    for (const { capabilities: own } of this.#links) capabilities = merged(capabilities, own);
    return { ...request, params: { ...params, capabilities } };
  }

  /** The call that the running code belongs to; failing that, the only session's newest one. */
  #callAtHand(): SharedCall | undefined {
    const current = this.#context?.current();
    if (typeof current === 'number') return this.#calls.get(current);
    const calls = [...this.#calls.values()];
    const [first] = calls;
    return calls.every(({ link }) => link === first?.link) ? calls.at(-1) : undefined;
  }

  async #connect(): Promise<void> {
    const inner = innerServer(this.#server);
    if (inner.transport !== undefined) {
      throw coreError(
        'server_already_connected',
        'The shared server is connected to another transport already. Pass it without calling connect().',
      );
    }
    hearErrors(inner, (error) => {
      for (const { user } of this.#links) user.failed(error);
    });
    await this.#server.connect(this as never);
  }
}

/** One session's use of a shared server. */
class SharedLink implements ServerLink {
  readonly user: SharedServerUser;
  /** What its client can do. */
  capabilities: Record<string, unknown> = {};
  readonly #shared: SharedServer;

  constructor(shared: SharedServer, user: SharedServerUser) {
    this.#shared = shared;
    this.user = user;
  }

  get closed(): boolean {
    return !this.#shared.has(this);
  }

  receive(message: JsonRpcMessage, extra: MessageExtra): void {
    this.#shared.receive(this, message, extra);
  }

  closeServer(): void {
    this.#shared.release(this);
  }
}

function checkCapability(method: string, { capabilities }: SharedLink): void {
  const needed = NEEDED_CAPABILITY[method];
  if (needed === undefined || needed in capabilities) return;
  throw coreError('no_session_for_message', `The client that would be asked does not support ${needed}.`);
}

function merged(one: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
  const result = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = result[name];
    result[name] = isPlainObject(before) && isPlainObject(value) ? merged(before, value) : value;
  }
  return result;
}

/** What a factory returns for a shared server: one session's right to use it. Closing it closes nothing. */
export class SharedServerUse implements McpServerLike {
  readonly shared: SharedServer;

  constructor(shared: SharedServer) {
    this.shared = shared;
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Makes a factory that lets all sessions use one server instance. A server for each session is the better choice. */
export function shareServer(server: McpServerLike, context?: CallContext): ServerFactory {
  const shared = SharedServer.of(server, context);
  return () => new SharedServerUse(shared);
}
