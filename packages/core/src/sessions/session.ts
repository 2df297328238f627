import type { Answer } from '../shared/edge.js';
import {
  isRequest,
  isResponse,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../shared/json-rpc.js';
import type { Principal, SessionEndReason } from '../shared/model.js';
import { toError } from '../shared/values.js';
import type { MessageExtra, ServerLink } from '../servers/transport.js';
import { CallTable, type Call } from './call-table.js';
import { connectionClosed } from './json-rpc-errors.js';
import type { CallSink, ExchangeParts } from './exchange.js';
import type { Heartbeat } from './heartbeat.js';
import { OutboundRequests } from './outbound-requests.js';
import { sessionHeaders, type SessionHeaders } from './session-headers.js';
import { recordRequest, type SessionRecord } from './session-record.js';
import { StandaloneStreams } from './standalone-streams.js';

/** Who hears what happens in a session. */
export interface SessionObserver {
  readonly callStarted: (session: Session) => void;
  readonly callEnded: (session: Session, call: Call, response: JsonRpcResponse | undefined) => void;
  readonly streamCountChanged: (session: Session, change: 1 | -1) => void;
  readonly ended: (session: Session, reason: SessionEndReason) => void;
  readonly failed: (session: Session, error: Error) => void;
}

/** What a session is made of. */
export interface SessionParts {
  readonly id: string;
  readonly principal: Principal;
  readonly createdAt: Date;
  /** Monotonic milliseconds at its opening. */
  readonly startedAt: number;
  readonly heartbeat: Heartbeat;
  readonly queuedBytes: number;
  readonly monotonic: () => number;
  readonly observer: SessionObserver;
}

/** The session-era state of one client. Its server instance can be replaced; the session stays. */
export class Session {
  readonly id: string;
  /** Who uses it, with the token used last: an OAuth client gets new ones while its session goes on. */
  principal: Principal;
  readonly createdAt: Date;
  readonly startedAt: number;
  readonly headers: SessionHeaders;
  readonly calls: CallTable;
  readonly outbound: OutboundRequests = new OutboundRequests();
  readonly streams: StandaloneStreams;
  /** Missing until the server has answered `initialize`. */
  record: SessionRecord | undefined;
  /** The current server instance. */
  transport: ServerLink | undefined;
  /** Monotonic milliseconds of the last message or of the last stream's end. */
  lastUsedAt: number;
  #ended: SessionEndReason | undefined;
  readonly #observer: SessionObserver;
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.id = parts.id;
    this.principal = parts.principal;
    this.createdAt = parts.createdAt;
    this.startedAt = parts.startedAt;
    this.lastUsedAt = parts.startedAt;
    this.headers = sessionHeaders(parts.id);
    this.#observer = parts.observer;
    this.#parts = parts;
    this.calls = new CallTable((call, response) => {
      this.#callEnded(call, response);
    });
    this.streams = new StandaloneStreams({
      heartbeat: parts.heartbeat,
      queuedBytes: parts.queuedBytes,
      onCount: (change) => {
        this.lastUsedAt = this.#parts.monotonic();
        this.#observer.streamCountChanged(this, change);
      },
      onOverflow: () => {
        this.#reportOverflow();
      },
    });
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether nothing of it is in use: no call in flight and no stream open. */
  get quiet(): boolean {
    return this.calls.size === 0 && this.streams.size === 0;
  }

  /** What the answer to one of its requests is made with. */
  exchangeParts(): ExchangeParts {
    return {
      headers: this.headers,
      heartbeat: this.#parts.heartbeat,
      queuedBytes: this.#parts.queuedBytes,
      startedAt: this.#parts.monotonic(),
      onOverflow: () => {
        this.#reportOverflow();
      },
      onError: (error) => {
        this.report(error);
      },
    };
  }

  /** Hands a message of the client to the server. `sink` is where answers to a request go. */
  deliver(message: JsonRpcMessage, sink: CallSink, extra: MessageExtra): void {
    this.lastUsedAt = this.#parts.monotonic();
    const { transport } = this;
    if (transport === undefined || this.ended) {
      if (isRequest(message)) sink.settle(connectionClosed(message.id));
      return;
    }
    if (isResponse(message)) this.#deliverAnswer(message, extra);
    else if (isRequest(message)) this.#deliverRequest(message, sink, extra);
    else this.#deliverNotification(message, extra);
  }

  /** Sends a notification of its own accord: to the newest GET stream, or to the next one. */
  tell(notification: JsonRpcNotification): void {
    if (this.ended) return;
    if (!this.streams.send(notification)) this.streams.queue(notification);
  }

  /**
   * Ends the session, once: its server is closed, which aborts the handlers; waiting calls are answered; streams
   * end. `answer` is for callers who have seen nothing yet.
   */
  end(reason: SessionEndReason, answer?: Answer): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    try {
      this.transport?.closeServer();
    } finally {
      this.calls.abandonAll(answer);
      this.outbound.clear();
      this.streams.close();
      this.#observer.ended(this, reason);
    }
  }

  report(thrown: unknown): void {
    this.#observer.failed(this, toError(thrown));
  }

  #reportOverflow(): void {
    this.report(new Error('The client read too slowly: its stream was closed with messages waiting.'));
  }

  #deliverRequest(request: JsonRpcRequest, sink: CallSink, extra: MessageExtra): void {
    const { transport } = this;
    if (transport === undefined) return;
    this.#observer.callStarted(this);
    const call = this.calls.open({ request, transport, sink, startedAt: this.#parts.monotonic() });
    transport.receive({ ...request, id: call.id }, extra);
  }

  #deliverNotification(notification: JsonRpcNotification, extra: MessageExtra): void {
    const { method, params } = notification;
    if (method === 'notifications/cancelled') {
      for (const call of this.calls.cancel(params?.['requestId'])) {
        call.transport.receive({ ...notification, params: { ...params, requestId: call.id } }, extra);
      }
      return;
    }
    if (method === 'notifications/progress') {
      const asked = this.outbound.find(params?.['progressToken']);
      if (asked === undefined) return;
      const own = { ...notification, params: { ...params, progressToken: asked.serverId } };
      asked.transport.receive(own, extra);
      return;
    }
    if (method === 'notifications/initialized' && this.record !== undefined) this.record.initialized = true;
    this.transport?.receive(notification, extra);
  }

  #deliverAnswer(response: JsonRpcResponse, extra: MessageExtra): void {
    const asked = this.outbound.find(response.id);
    if (asked === undefined) {
      this.report(new Error('The client answered a question that nobody has asked, or asks any more.'));
      return;
    }
    this.outbound.remove(asked);
    asked.transport.receive({ ...response, id: asked.serverId }, extra);
  }

  #callEnded(call: Call, response: JsonRpcResponse | undefined): void {
    this.lastUsedAt = this.#parts.monotonic();
    const { method, params } = call.request;
    if (response !== undefined && 'result' in response && this.record !== undefined) {
      recordRequest(this.record, method, params);
    }
    this.#observer.callEnded(this, call, response);
  }
}
