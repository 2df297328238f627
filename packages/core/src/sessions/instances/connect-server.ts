import { coreError } from '../../errors/core-error.js';
import type { Answer } from '../../shared/edge.js';
import type { JsonRpcMessage, JsonRpcRequest, JsonRpcResponse } from '../../shared/json-rpc.js';
import { isPlainObject } from '../../shared/values.js';
import { hearErrors, innerServer, type McpServerLike } from '../../shared/mcp-server.js';
import type { ListMemory } from '../../servers/list-memory.js';
import { SharedServerUse } from '../../servers/shared-server.js';
import type { MessageExtra, ServerLink } from '../../servers/transport.js';
import { connectionClosed } from '../../errors/json-rpc-errors.js';
import type { CallSink } from '../calls/exchange.js';
import { routeFromClient } from '../calls/route-from-client.js';
import { routeFromServer } from '../calls/route-from-server.js';
import { CHANGEABLE_LISTS } from '../../shared/changeable-lists.js';
import type { SessionRecord } from '../session-record.js';
import { SessionTransport } from './session-transport.js';
import type { LinkPlace, Session } from '../session.js';

/**
 * Connects a server to a session, lets it answer `initialize` and gives the answer as JSON. What the server says
 * meanwhile waits for the client's first stream.
 */
export async function connectServer(
  session: Session,
  server: McpServerLike,
  initialize: {
    readonly request: JsonRpcRequest;
    readonly extra: MessageExtra;
    readonly memoryOf: (made: McpServerLike) => ListMemory | undefined;
  },
): Promise<string> {
  session.place = { session };
  if (server instanceof SharedServerUse) session.links.current = await linkShared(session.place, server);
  else await connectOwn(session.place, server, initialize.memoryOf(server));
  // Whoever waited for this has given up: what was connected too late is closed again.
  if (session.ended) {
    session.links.current?.closeServer();
    throw coreError('connection_closed', 'The session ended while its server was being connected.');
  }
  const sink = new InitializeSink(session);
  routeFromClient(session, initialize.request, {
    sink,
    extra: initialize.extra,
    principal: session.principal,
  });
  const response = declareListChanged(await sink.answered);
  session.record = recordOf(initialize.request, response);
  return JSON.stringify(response);
}

async function connectOwn(
  place: LinkPlace,
  server: McpServerLike,
  memory: ListMemory | undefined,
): Promise<void> {
  const transport = new SessionTransport(place, server, memory);
  place.session.links.current = transport;
  // Errors of the server are heard of after its own listener, if it has one.
  hearErrors(innerServer(server), (error) => {
    place.session.report(error);
  });
  await server.connect(transport as never);
  memory?.watch(server);
}

async function linkShared(place: LinkPlace, { shared }: SharedServerUse): Promise<ServerLink> {
  const link = await shared.link({
    sessionId: place.session.id,
    deliver: (from, message, options) => {
      if (concerns(place.session, message)) routeFromServer(place.session, from, message, options);
    },
    closed: () => {
      place.session.linkClosed(link);
    },
    failed: (error) => {
      place.session.report(error);
    },
  });
  return link;
}

/** A shared server says that a resource was updated to all who use it; only those who asked for it want to know. */
function concerns({ record }: Session, message: JsonRpcMessage): boolean {
  if (!('method' in message) || message.method !== 'notifications/resources/updated') return true;
  const uri = message.params?.['uri'];
  return typeof uri === 'string' && record?.subscriptions.includes(uri) === true;
}

class InitializeSink implements CallSink {
  readonly answered: Promise<JsonRpcResponse>;
  readonly #session: Session;
  #resolve!: (response: JsonRpcResponse) => void;

  constructor(session: Session) {
    this.#session = session;
    this.answered = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  settle(response: JsonRpcResponse): undefined {
    this.#resolve(response);
  }

  drop(): void {
    // `initialize` cannot be cancelled (MCP "Cancellation"); a client that tries gets its answer all the same.
  }

  send(message: JsonRpcMessage): boolean {
    this.#session.streams.queue(message);
    return true;
  }

  abandon(response: JsonRpcResponse, answer: Answer | undefined): void {
    this.#resolve(answer === undefined ? response : connectionClosed(response.id));
  }
}

/** Lists can always change, because a tenant's server can be replaced under a live session. */
function declareListChanged(response: JsonRpcResponse): JsonRpcResponse {
  if (!('result' in response) || !isPlainObject(response.result['capabilities'])) return response;
  const capabilities = { ...response.result['capabilities'] };
  for (const name of CHANGEABLE_LISTS) {
    const declared = capabilities[name];
    if (isPlainObject(declared)) capabilities[name] = { ...declared, listChanged: true };
  }
  return { ...response, result: { ...response.result, capabilities } };
}

function recordOf(request: JsonRpcRequest, response: JsonRpcResponse): SessionRecord | undefined {
  if (!('result' in response)) return undefined;
  const { protocolVersion, serverInfo, capabilities } = response.result;
  const { name, version } = isPlainObject(serverInfo) ? serverInfo : {};
  return {
    initialize: request.params ?? {},
    protocolVersion: typeof protocolVersion === 'string' ? protocolVersion : '',
    server: {
      name: typeof name === 'string' ? name : '',
      version: typeof version === 'string' ? version : '',
    },
    capabilities: isPlainObject(capabilities) ? capabilities : {},
    initialized: false,
    subscriptions: [],
  };
}
