import { coreError } from '../errors/core-error.js';
import { isRequest, isResponse, type JsonRpcId, type JsonRpcMessage } from '../shared/json-rpc.js';
import { hearErrors, innerServer, type McpServerLike } from '../shared/mcp-server.js';
import { toError } from '../shared/values.js';
import type { ServerFactory } from './server-factory.js';
import type { MessageExtra, SendOptions, ServerLink, ServerTransport } from './transport.js';

/** What a session gives to a shared server. */
export interface SharedServerUser {
  readonly sessionId: string;
  /** Takes what the server says to this session; ids are those the session gave. */
  readonly deliver: (link: ServerLink, message: JsonRpcMessage, options: SendOptions) => void;
  /** The server has closed itself. */
  readonly closed: () => void;
  /** The server, or its transport, has reported an error. */
  readonly failed: (error: Error) => void;
}

const known = new WeakMap<object, SharedServer>();

/** Notifications that concern everybody who uses the server. */
const FOR_ALL = /^notifications\/(?:(?:tools|prompts|resources)\/list_changed|resources\/updated)$/;

/**
 * One server instance for many sessions. Each gets answers to its own `initialize` and its own calls; what the
 * server asks goes to the session whose call caused it; changes of lists go to all. Ending a session never closes
 * the server. What the instance itself remembers of its client (capabilities, for example) is of the last one.
 */
export class SharedServer implements ServerTransport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  /** The session of the message that is being handed over; both SDKs read it then. */
  sessionId: string | undefined;
  readonly #server: McpServerLike;
  readonly #links = new Set<SharedLink>();
  readonly #calls = new Map<number, { readonly link: SharedLink; readonly id: JsonRpcId }>();
  #lastId = 0;
  #connecting: Promise<void> | undefined;

  private constructor(server: McpServerLike) {
    this.#server = server;
  }

  /** The one wrapper of an instance, so that it can be used in several places. */
  static of(server: McpServerLike): SharedServer {
    const inner = innerServer(server);
    const shared = known.get(inner) ?? new SharedServer(server);
    known.set(inner, shared);
    return shared;
  }

  /** @throws `server_already_connected` */
  async link(user: SharedServerUser): Promise<ServerLink> {
    this.#connecting ??= this.#connect();
    await this.#connecting;
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
      relatedRequestId === undefined ? this.#onlyCall() : this.#calls.get(Number(relatedRequestId));
    if (call !== undefined) {
      call.link.user.deliver(call.link, message, { relatedRequestId: call.id });
      return Promise.resolve();
    }
    throw coreError(
      'no_session_for_message',
      `The shared server sent "${message.method}" outside of a call, or while several sessions were calling. Use the request context (extra.sendRequest, ctx.mcpReq), or give each session a server of its own with a factory.`,
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
    try {
      this.onmessage?.(translated as never, extra as never);
    } catch (thrown) {
      link.user.failed(toError(thrown));
    } finally {
      this.sessionId = undefined;
    }
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
      return { ...message, id: this.#lastId };
    }
    if (isResponse(message) || message.method !== 'notifications/cancelled') return message;
    const cancelled = message.params?.['requestId'];
    const found = [...this.#calls].find(([, call]) => call.link === link && call.id === cancelled);
    if (found === undefined) return undefined;
    this.#calls.delete(found[0]);
    return { ...message, params: { ...message.params, requestId: found[0] } };
  }

  /** A message without a call can only be meant for the session that is calling, if there is just one. */
  #onlyCall(): { readonly link: SharedLink; readonly id: JsonRpcId } | undefined {
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
  readonly #shared: SharedServer;

  constructor(shared: SharedServer, user: SharedServerUser) {
    this.#shared = shared;
    this.user = user;
  }

  receive(message: JsonRpcMessage, extra: MessageExtra): void {
    this.#shared.receive(this, message, extra);
  }

  closeServer(): void {
    this.#shared.release(this);
  }
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
export function shareServer(server: McpServerLike): ServerFactory {
  const shared = SharedServer.of(server);
  return () => new SharedServerUse(shared);
}
