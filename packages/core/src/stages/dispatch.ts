import { refuse, EMPTY_HEADERS, JSON_HEADERS } from '../errors/to-answer.js';
import { retryAfter } from '../limits/retry-after.js';
import { messageExtra } from '../servers/message-extra.js';
import type { MessageExtra } from '../servers/transport.js';
import type { Answer, EdgeRequest } from '../shared/edge.js';
import { idOf, isRequest, type JsonRpcMessage, type JsonRpcRequest } from '../shared/json-rpc.js';
import { hasLapsed, type Caller } from '../shared/caller.js';
import { AccessChanged } from './access-changed.js';
import type { StreamOpening } from '../sessions/streams/session-streams.js';
import { StatelessRequest } from '../stateless/engine-parts.js';
import { BATCH_VERSION } from '../shared/protocol-versions.js';
import { routeFromClient } from '../sessions/calls/route-from-client.js';
import { Exchange, NO_SINK } from '../sessions/calls/exchange.js';
import type { Session } from '../sessions/session.js';
import type { Tenant } from '../tenants/tenant.js';
import { fingerprintOf } from '../tokens/token.js';
import { eraOf, refuseSessionEra, refuseStatelessEra, refuseUnknownVersion } from './era.js';
import type { FlowParts } from './flow-parts.js';
import type { IncomingMessages, StatelessBody } from './incoming-messages.js';
import { refuseUnlessStream } from './read-message.js';

/** A request whose caller and tenant are known. */
export class Dispatch {
  readonly request: EdgeRequest;
  readonly caller: Caller;
  readonly tenant: Tenant;
  readonly parts: FlowParts;
  /** What the caller was recognised at. */
  readonly accessVersion: number;

  constructor(request: EdgeRequest, caller: Caller, tenant: Tenant, parts: FlowParts) {
    this.request = request;
    this.caller = caller;
    this.tenant = tenant;
    this.parts = parts;
    this.accessVersion = parts.state.accessVersion;
  }
}

/** Hands a request to its session. Nothing is awaited before the session is found or being opened. */
export function dispatch(
  given: Dispatch,
  incoming: IncomingMessages | StatelessBody | undefined,
): Promise<Answer> | Answer {
  if (incoming !== undefined && 'body' in incoming) return answerStateless(given, incoming);
  if (!given.tenant.eras.has('session')) return refuseSessionEra(given.request, incoming);
  if (incoming !== undefined) return dispatchPost(given, incoming);
  return given.request.method === 'GET' ? dispatchGet(given) : dispatchDelete(given);
}

/** Hands a request to the part of its tenant that serves clients without sessions. */
function answerStateless(
  { request, caller, tenant, parts }: Dispatch,
  { body }: StatelessBody,
): Promise<Answer> | Answer {
  if (!tenant.eras.has('stateless')) return refuseStatelessEra(request, body);
  if (parts.state.phase !== 'open') {
    return refuse('draining', 'The server takes no more requests. Try again later.', {
      headers: retryAfter(),
      id: idOf(body),
    });
  }
  return tenant.stateless.answer(new StatelessRequest(request, body, caller, parts.report));
}

/** A GET or DELETE that names a revision which has neither. */
function refuseStatelessHeader(request: EdgeRequest): Answer | undefined {
  return eraOf(request) === 'stateless' ? refuseStatelessEra(request) : undefined;
}

function dispatchPost(given: Dispatch, incoming: IncomingMessages): Promise<Answer> | Answer {
  const initialize = incoming.messages.find(isInitialize);
  if (initialize !== undefined) return openSession(given, incoming, initialize);
  return withSession(given, (session) => {
    if (incoming.batch && session.record?.protocolVersion !== BATCH_VERSION) {
      return refuse(
        'batch_not_supported',
        `Batches exist in MCP ${BATCH_VERSION} only. Send one message a request.`,
      );
    }
    return deliver(given, session, incoming);
  });
}

/** Opens a stream for what the server says of its own accord, or goes on with one that the client has lost. */
function dispatchGet(given: Dispatch): Promise<Answer> | Answer {
  const { request, caller, tenant } = given;
  const refused = refuseUnlessStream(request) ?? refuseStatelessHeader(request);
  if (refused !== undefined) return refused;
  return withSession(given, (session) => {
    const lastEventId = request.headers.get('last-event-id');
    tenant.sessions.admitStream(caller.principal, session, lastEventId);
    const opening: StreamOpening = {
      principal: caller.principal,
      maximum: tenant.limits.streamsPerSession,
      readmit: () => {
        // The log took its time: access may have been taken away, and others may have opened streams.
        if (hasChanged(given)) throw new AccessChanged();
        tenant.sessions.admitStream(caller.principal, session, lastEventId);
      },
    };
    if (lastEventId === null) return streamAnswer(session, session.streams.open(opening));
    const body = session.streams.resume(lastEventId, opening);
    if (!(body instanceof Promise)) return streamAnswer(session, body);
    return body.then((stream) => (session.ended ? answerAfterEnd(session) : streamAnswer(session, stream)));
  });
}

/** Whether the caller may have lost access since it was recognised. */
function hasChanged({ caller, parts, accessVersion }: Dispatch): boolean {
  return accessVersion !== parts.state.accessVersion || hasLapsed(caller, parts.options.clock.now());
}

/** For a request that came before the end of its session and reached it only afterwards. */
function answerAfterEnd(session: Session): Answer {
  return session.answerAfterEnd ?? refuse('session_not_found', 'Session not found');
}

/** An answer of which nothing is left has no stream: 204 tells its client not to come back again (HTML Standard §9.2.3). */
function streamAnswer({ headers }: Session, body: ReadableStream<Uint8Array> | null): Answer {
  if (body === null) return { status: 204, headers: headers.empty, body };
  return { status: 200, headers: headers.stream, body };
}

function dispatchDelete(given: Dispatch): Promise<Answer> | Answer {
  const refused = refuseStatelessHeader(given.request);
  if (refused !== undefined) return refused;
  return withSession(given, (session) => {
    session.end('deleted');
    return { status: 200, headers: EMPTY_HEADERS, body: null };
  });
}

async function openSession(
  { request, caller, tenant, parts }: Dispatch,
  { batch }: IncomingMessages,
  initialize: JsonRpcRequest,
): Promise<Answer> {
  if (batch) return refuse('batch_not_supported', 'initialize may not be part of a batch.');
  // A stale session id is no reason to turn a client away: it gets a fresh session.
  const sessionId = request.headers.get('mcp-session-id');
  if (sessionId !== null && tenant.sessions.find(caller.principal, sessionId) !== undefined) {
    return refuse(
      'already_initialized',
      'The session is initialized already. Leave its id out to open another.',
    );
  }
  if (parts.state.phase !== 'open') {
    return refuseNewSessions();
  }
  const extra = messageExtra(request, caller.authInfo);
  const { session, body } = await tenant.open(caller, {
    request: initialize,
    extra,
    clientGone: request.signal,
  });
  return { status: 200, headers: session?.headers.json ?? JSON_HEADERS, body };
}

function deliver(given: Dispatch, session: Session, incoming: IncomingMessages): Promise<Answer> | Answer {
  const extra = messageExtra(given.request, given.caller.authInfo);
  const { messages } = incoming;
  const calls = countRequests(messages);
  if (calls === 0) {
    for (const message of messages)
      routeFromClient(session, message, { sink: NO_SINK, extra, principal: given.caller.principal });
    return { status: 202, headers: session.headers.empty, body: null };
  }
  if (!session.wantsServer && session.renewal === undefined) return call(given, session, { incoming, extra });
  // The first call after an update, or after a time without any, is what a new server takes over with.
  const { tenant, caller } = given;
  const refused = tenant.sessions.refuseCalls(caller.principal, calls);
  if (refused !== undefined) return refused;
  const waiting = tenant.sessions.hold(session, messages.filter(isRequest));
  return tenant
    .renew(session, caller.makeServer, extra)
    .finally(() => {
      waiting.end();
    })
    .then(() => {
      const cancelled = new Set([...(incoming.cancelled ?? []), ...waiting.cancelled]);
      if (session.ended) return answerAfterEnd(session);
      // Access may have been taken away, or switched off, meanwhile.
      if (hasChanged(given)) throw new AccessChanged(cancelled);
      return call(given, session, { incoming: { ...incoming, cancelled }, extra });
    });
}

function countRequests(messages: readonly JsonRpcMessage[]): number {
  let requests = 0;
  for (const message of messages) if (isRequest(message)) requests += 1;
  return requests;
}

/** Calls with all that is known of them. */
interface Calls {
  readonly incoming: IncomingMessages;
  readonly extra: MessageExtra;
}

function call(
  { caller, tenant }: Dispatch,
  session: Session,
  { incoming: { messages, batch, cancelled }, extra }: Calls,
): Promise<Answer> | Answer {
  if (session.ended) return answerAfterEnd(session);
  const calls = countRequests(messages);
  const refused = tenant.sessions.refuseCalls(caller.principal, calls);
  if (refused !== undefined) return refused;
  const exchange = new Exchange(session, calls, batch);
  if (session.resumable) addClosers(extra, session, exchange);
  for (const message of messages) {
    if (cancelled?.has(message) === true) exchange.drop();
    else routeFromClient(session, message, { sink: exchange, extra, principal: caller.principal });
  }
  return exchange.answered;
}

/** Lets handlers end connections early, which a client that can come back does not mind. */
function addClosers(extra: MessageExtra, session: Session, exchange: Exchange): void {
  extra.closeSSEStream = () => {
    exchange.disconnect();
  };
  extra.closeStandaloneSSEStream = () => {
    session.openStreams?.disconnectNewest();
  };
}

/** Goes on with the session that a request names, if it is the caller's own. */
function withSession(
  given: Dispatch,
  goOn: (session: Session) => Promise<Answer> | Answer,
): Promise<Answer> | Answer {
  const { request, caller, tenant, parts } = given;
  const sessionId = request.headers.get('mcp-session-id');
  if (sessionId === null) {
    return refuse(
      'session_required',
      'The Mcp-Session-Id header is required. Send initialize without it first.',
    );
  }
  const session = tenant.sessions.find(caller.principal, sessionId);
  if (session !== undefined) return refuseUnknownVersion(request) ?? goOn(session);
  if (parts.options.stores.sessions === undefined) return refuseSession(given, sessionId);
  // What another process can go on with is better off there.
  if (parts.state.phase !== 'open') return refuseNewSessions();
  const refused = tenant.sessions.refuseCalls(caller.principal, 1);
  if (refused !== undefined) return refused;
  return tenant.adopt(caller.principal, sessionId).then((found) => {
    if (hasChanged(given)) throw new AccessChanged();
    return found === undefined
      ? refuseSession(given, sessionId)
      : (refuseUnknownVersion(request) ?? goOn(found));
  });
}

function refuseNewSessions(): Answer {
  return refuse('draining', 'The server takes no new sessions. Try again later.', { headers: retryAfter() });
}

function refuseSession({ request, caller, tenant, parts }: Dispatch, sessionId: string): Answer {
  const { events, options } = parts;
  if (events.has('sessionRefused')) {
    events.emit('sessionRefused', {
      tenantId: tenant.id,
      fingerprint: caller.principal.fingerprint,
      sessionFingerprint: fingerprintOf(options.digest, options.keys, sessionId),
      method: request.method,
    });
  }
  return refuse('session_not_found', 'Session not found');
}

function isInitialize(message: JsonRpcMessage): message is JsonRpcRequest {
  return isRequest(message) && message.method === 'initialize';
}
