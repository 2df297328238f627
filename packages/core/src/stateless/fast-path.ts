import { STATELESS_VERSION } from '../shared/protocol-versions.js';
import { messageExtra } from '../servers/message-extra.js';
import { authInfoOf } from '../shared/caller.js';
import type { MessageExtra } from '../servers/transport.js';
import type { CallMessages } from './calls/call-messages.js';
import { clientKey } from './client-key.js';
import type { EngineCall } from './engine-parts.js';
import { type ClientIdentity } from './envelope.js';
import type { KeptServer } from './instances/kept-server.js';
import type { KeptServers } from './instances/kept-servers.js';
import { readPlainRequest, type PlainRequest } from './plain-request.js';
import type { Sdk } from './sdk.js';
import type { ServerBuilding, ServerWish } from './server-building.js';

const CLASSIFICATION = Object.freeze({ era: 'modern' as const, revision: STATELESS_VERSION });

/** What the fast path works with. */
export interface FastPathParts {
  readonly messages: CallMessages;
  readonly servers: KeptServers;
  readonly building: ServerBuilding;
  /** Told of a client whose request nothing is wrong with. */
  readonly wished: (wish: ServerWish) => void;
}

/** The way of requests that are plainly valid: straight to a server that is kept connected. It only accepts, and never refuses. */
export class FastPath {
  readonly #parts: FastPathParts;

  constructor(parts: FastPathParts) {
    this.#parts = parts;
  }

  /** Undefined for a request that others must look at. */
  read({ request, body }: EngineCall): PlainRequest | undefined {
    return readPlainRequest(request.headers, body);
  }

  /** Hands a call over at once, if a server is there for it. */
  beginAtOnce(plain: PlainRequest, given: EngineCall): boolean {
    const key = keyOf(plain, given);
    const server = key === undefined ? undefined : this.#parts.servers.take(key);
    return server !== undefined && this.#begin(server, plain, given);
  }

  /** Makes a server for a client that is not known yet, once the SDK has found nothing wrong with its request. */
  async begin(sdk: Sdk, plain: PlainRequest, given: EngineCall): Promise<boolean> {
    if (!isFine(sdk, plain, given.body)) return false;
    const { servers, building, wished } = this.#parts;
    const { principal, makeServer } = given.caller;
    const wish: ServerWish = {
      principal,
      makeServer,
      client: { info: plain.clientInfo, capabilities: plain.capabilities } as ClientIdentity,
      extra: { authInfo: authInfoOf(principal) },
    };
    wished(wish);
    const key = keyOf(plain, given);
    // A client that says too much of itself is served, but no server is kept for it.
    if (key === undefined) return false;
    const server = await servers.acquire({
      key,
      subject: principal.subject,
      signal: given.call.signal,
      build: (signal) => building.keep(sdk, wish, signal),
    });
    if (!given.call.over) return this.#begin(server, plain, given);
    server.onIdle(server);
    return true;
  }

  #begin(server: KeptServer, plain: PlainRequest, { call, caller, request }: EngineCall): boolean {
    const asked = (call.shaped?.request ?? plain.request) as PlainRequest['request'];
    if (!server.takes({ request: asked, capability: plain.capability }, caller.authInfo)) {
      server.onIdle(server);
      return false;
    }
    const extra: MessageExtra & { classification?: typeof CLASSIFICATION } = messageExtra(
      request,
      caller.authInfo,
    );
    extra.classification = CLASSIFICATION;
    server.begin(call, asked, extra, this.#parts.messages);
    return true;
  }
}

function keyOf({ clientInfo: info, capabilities }: PlainRequest, { caller }: EngineCall): string | undefined {
  return clientKey(caller, { info, capabilities });
}

/** What a client says of itself is looked at once: later requests that say the same are known to be fine. */
function isFine(sdk: Sdk, { request }: PlainRequest, body: unknown): boolean {
  const outcome = sdk.classifyInboundRequest({
    httpMethod: 'POST',
    protocolVersionHeader: STATELESS_VERSION,
    mcpMethodHeader: request.method,
    body,
  });
  return outcome.kind === 'modern' && outcome.messageKind === 'request';
}
