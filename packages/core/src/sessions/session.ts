import { CHANGEABLE_LISTS, LIST_CHANGED } from '../shared/changeable-lists.js';
import type { Answer } from '../shared/edge.js';
import { POLLING_VERSION } from '../shared/protocol-versions.js';
import type { JsonRpcNotification, JsonRpcResponse } from '../shared/json-rpc.js';
import type { Principal, SessionEndReason } from '../shared/model.js';
import type { Clock } from '../shared/platform.js';
import type { Usage } from '../limits/usage.js';
import { toError } from '../shared/values.js';
import type { MessageExtra, ServerLink } from '../servers/transport.js';
import { tellCancelled } from './calls/tell-cancelled.js';
import { outcomeOf, type CallEnd } from '../hooks/call-outcome.js';
import { CallTable, type Call, type CallTableObserver, type NewCall } from './calls/call-table.js';
import type { CallOrigin, Hooks } from '../hooks/hooks.js';
import type { ExchangeOwner } from './calls/exchange.js';
import { finalMessage } from './final-message.js';
import type { Heartbeat } from '../shared/heartbeat.js';
import { OutboundRequests } from './calls/outbound-requests.js';
import { WaitingRoom } from './calls/waiting-calls.js';
import { ServerLinks } from './instances/server-links.js';
import { SessionHeaders } from './session-headers.js';
import { recordRequest, type SessionRecord } from './session-record.js';
import { SessionStreams, type StreamOptions, type StreamOwner } from './streams/session-streams.js';
import { beginHistory, type StreamHistory } from './streams/stream-history.js';

const INITIALIZED: JsonRpcNotification = { jsonrpc: '2.0', method: 'notifications/initialized' };

/** Which session an instance serves: the one it was tried out in at first, then the one it is for. */
export interface LinkPlace {
  session: Session;
}

/** Who hears what happens in a session. */
export interface SessionObserver {
  readonly callStarted: (session: Session) => void;
  readonly callEnded: (session: Session, call: Call, response: JsonRpcResponse | undefined) => void;
  readonly streamCountChanged: (session: Session, change: 1 | -1) => void;
  /** A client read too slowly: its connection was cut. */
  readonly streamCut: (session: Session) => void;
  /** More bytes wait for the client, or fewer (a negative number). False when that is too much. */
  readonly queueChanged: (session: Session, bytes: number) => boolean;
  /** Client and server have agreed on something that a new server would have to know. */
  readonly recordChanged: (session: Session) => void;
  readonly ended: (session: Session, reason: SessionEndReason) => void;
  readonly failed: (session: Pick<Session, 'id' | 'principal'>, error: Error) => void;
}

/** What the sessions of a tenant have in common. */
export interface SessionContext {
  readonly heartbeat: Heartbeat;
  readonly streams: StreamOptions;
  readonly clock: Clock;
  readonly observer: SessionObserver;
  /** Who is asked and told about calls, if anybody is. */
  readonly hooks: Hooks | undefined;
  /** Whether another process can go on with a session when this one stops. */
  readonly isKept: boolean;
}

/** What a session is made of. */
export interface SessionParts {
  readonly id: string;
  readonly principal: Principal;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Monotonic milliseconds at its opening. */
  readonly startedAt: number;
}

/**
 * The session-era state of one client. Its server instance can be replaced; the session stays. There are thousands of them and
 * most are idle, so what is needed only now and then is made when it is needed.
 */
export class Session implements CallTableObserver, StreamOwner, ExchangeOwner {
  readonly id: string;
  /** Who uses it, with the token used last: an OAuth client gets new ones while its session goes on. */
  principal: Principal;
  readonly startedAt: number;
  readonly headers: SessionHeaders;
  readonly calls: CallTable = new CallTable(this);
  /** Calls that wait for its next server. */
  readonly waiting: WaitingRoom = new WaitingRoom();
  readonly outbound: OutboundRequests = new OutboundRequests();
  /** Missing until the server has answered `initialize`. */
  record: SessionRecord | undefined;
  readonly links: ServerLinks = new ServerLinks(this.calls);
  /** Which session the current instance serves; set when it is connected. */
  place: LinkPlace | undefined;
  /** What it counts against, once its tenant keeps it. */
  usage: Usage | undefined;
  /** Whether its tenant has a newer server, which takes over with the next call. */
  outdated: boolean = false;
  /** The building of its next instance, while it lasts. */
  renewal: Promise<void> | undefined;
  /** Monotonic milliseconds at which it ends in any case, because its server has been replaced. */
  endsAt: number = Infinity;
  /** For callers whose request came before the end and reached it only afterwards. */
  answerAfterEnd: Answer | undefined;
  /** Monotonic milliseconds of the last message or of the last stream's end. */
  lastUsedAt: number;
  readonly #createdAt: number;
  #ended: SessionEndReason | undefined;
  #streams: SessionStreams | undefined;
  readonly #context: SessionContext;

  constructor({ id, principal, createdAt, startedAt }: SessionParts, context: SessionContext) {
    this.id = id;
    this.principal = principal;
    this.#createdAt = createdAt;
    this.startedAt = startedAt;
    this.lastUsedAt = startedAt;
    this.headers = new SessionHeaders(id);
    this.#context = context;
  }

  get createdAt(): Date {
    return new Date(this.#createdAt);
  }

  get hooks(): Hooks | undefined {
    return this.#context.hooks;
  }

  get heartbeat(): Heartbeat {
    return this.#context.heartbeat;
  }

  /** Monotonic milliseconds. */
  get now(): number {
    return this.#context.clock.monotonic();
  }

  /** Its streams, and what waits for one. To ask whether there are any, `openStreams` makes none. */
  get streams(): SessionStreams {
    if (this.#streams === undefined) {
      this.#streams = new SessionStreams(this, this.#context.streams);
      if (this.ended) this.#streams.close();
    }
    return this.#streams;
  }

  /** The same; undefined as long as it has never had any. */
  get openStreams(): SessionStreams | undefined {
    return this.#streams;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether it has no server at the moment; the next call gets it one. */
  get parked(): boolean {
    return this.links.current === undefined && this.record !== undefined && !this.ended;
  }

  /** Whether a server is to be made for it: a newer one, or one at all. */
  get wantsServer(): boolean {
    return (this.outdated && !this.ended) || this.parked;
  }

  /** Whether nothing of it is in use: no call in flight and no stream open. */
  get quiet(): boolean {
    return this.calls.size === 0 && this.streamCount === 0 && this.renewal === undefined;
  }

  /** How many GETs are open. */
  get streamCount(): number {
    return this.#streams?.size ?? 0;
  }

  /** Whether its client knows how to come back to a stream whose connection the server has ended. */
  get resumable(): boolean {
    const { resumable } = this.#context.streams;
    return resumable !== undefined && (this.record?.protocolVersion ?? '') >= POLLING_VERSION;
  }

  /** Somebody uses it. */
  touch(): void {
    this.lastUsedAt = this.now;
  }

  /** A call of the client begins. */
  openCall(call: NewCall): Call {
    this.#context.observer.callStarted(this);
    return this.calls.open(call, this.now);
  }

  /** Where a call comes from, as hooks see it. */
  callOrigin(principal: Principal): CallOrigin {
    const onError = (thrown: unknown): void => {
      this.report(thrown);
    };
    return { principal, era: 'session', sessionId: this.id, onError };
  }

  /** The client has finished its handshake. */
  initialized(): void {
    if (this.record?.initialized !== false) return;
    this.record.initialized = true;
    this.#context.observer.recordChanged(this);
  }

  /** A newer server takes over with the next call; the client hears that its lists may have changed. */
  outdate(): void {
    this.outdated = true;
    this.tellListsChanged();
  }

  /** Tells the client that the lists it knows of may be others now. */
  tellListsChanged(): void {
    for (const list of CHANGEABLE_LISTS) {
      if (this.record?.capabilities[list] === undefined) continue;
      this.tell(LIST_CHANGED[list]);
    }
  }

  /** Keeps the server it has, if it has one, also when another one was to take over, and ends with it. */
  keepServerUntil(monotonicMs: number): void {
    if (this.parked) {
      this.outdate();
      return;
    }
    this.outdated = false;
    this.endsAt = Math.min(this.endsAt, monotonicMs);
  }

  /** Ends what somebody does in it who is not let in any more: calls, and streams that GETs have opened. */
  endUseOf(isGone: (principal: Principal) => boolean, reason: SessionEndReason, answer: Answer): void {
    for (const call of this.calls.abandonOf(isGone, answer, reason))
      tellCancelled(call, 'Access was taken away.');
    this.#streams?.endOf(isGone, finalMessage(reason, { record: this.record, isKept: false }));
  }

  /** Closes its server if nothing is going on there. The session goes on: its next call gets it another one. */
  park(): boolean {
    const { current } = this.links;
    const isBusy = this.calls.size > 0 || this.outbound.size > 0 || this.renewal !== undefined;
    if (isBusy || current === undefined) return false;
    this.links.current = undefined;
    current.closeServer();
    // Without the old server it was to keep for a while, it goes on with the new one.
    if (this.endsAt < Infinity) this.outdate();
    this.endsAt = Infinity;
    return true;
  }

  /** Puts a new instance in the place of the current one, which finishes its calls. */
  renew(
    { link, place }: { readonly link: ServerLink; readonly place: LinkPlace },
    extra: MessageExtra,
  ): void {
    place.session = this;
    this.place = place;
    this.links.replace(link);
    this.endsAt = Infinity;
    // What the server asks when it hears of this goes to the client, so it hears of it here.
    if (this.record?.initialized === true) link.receive(INITIALIZED, extra);
  }

  /** A server instance has closed. Without any, the session is over. */
  linkClosed(link: ServerLink): void {
    if (this.links.closed(link)) {
      this.end('serverClosed');
      return;
    }
    if (this.ended) return;
    this.calls.settleAllOf(link, this.links.current);
    for (const asked of this.outbound.forgetAllOf(link)) this.#streams?.unqueue(asked.id);
  }

  /** Lets go of the current instance, which is for another session. */
  releaseLink(): { readonly link: ServerLink; readonly place: LinkPlace } | undefined {
    const { place } = this;
    const link = this.links.current;
    this.links.current = undefined;
    return link === undefined || place === undefined ? undefined : { link, place };
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
    this.answerAfterEnd = answer;
    try {
      this.links.closeAll();
    } finally {
      this.calls.abandonAll(answer, reason);
      this.outbound.clear();
      this.#streams?.close(finalMessage(reason, { record: this.record, isKept: this.#context.isKept }));
      this.#context.observer.ended(this, reason);
    }
  }

  report(thrown: unknown): void {
    this.#context.observer.failed(this, toError(thrown));
  }

  beginHistory(): StreamHistory | undefined {
    return beginHistory(this, this.#context.streams.resumable);
  }

  queueChanged(bytes: number): boolean {
    return this.#context.observer.queueChanged(this, bytes);
  }

  streamCountChanged(change: 1 | -1): void {
    this.touch();
    this.#context.observer.streamCountChanged(this, change);
  }

  streamOverflowed(): void {
    this.#context.observer.streamCut(this);
    this.report(new Error('The client read too slowly: its stream was closed with messages waiting.'));
  }

  callSettled(call: Call, end: CallEnd): void {
    call.run?.end(outcomeOf(call, end, this.lastUsedAt));
  }

  callEnded(call: Call, end: CallEnd): void {
    this.touch();
    const { method, params } = call.request;
    const response = 'response' in end ? end.response : undefined;
    if (response !== undefined && 'result' in response && this.record !== undefined) {
      if (recordRequest(this.record, method, params)) {
        this.#context.observer.recordChanged(this);
        // A server that took over meanwhile, or is about to, has not heard of it.
        if (call.transport !== this.links.current || this.renewal !== undefined) this.outdated = true;
      }
    }
    this.#context.observer.callEnded(this, call, response);
    this.links.closeIfFinished(call.transport);
  }
}
