import type { JsonRpcRequest } from '../shared/json-rpc.js';
import type { McpServerLike } from '../shared/mcp-server.js';
import { facadeOf, listenerOf, type FacadeRound } from './bridge/facade.js';
import type { ParkedCalls } from './bridge/parked-calls.js';
import { connectionLost, invalidState, STATE, type Round, type RoundAnswer } from './bridge/round.js';
import type { CallMessages } from './calls/call-messages.js';
import { KeptServer } from './instances/kept-server.js';
import type { KeptServers } from './instances/kept-servers.js';
import type { SdkCall } from './sdk-call.js';
import type { ServerBuilding, ServerWish } from './server-building.js';

/** What servers for the SDK's own handler are chosen from. */
export interface SdkProductsParts {
  readonly messages: CallMessages;
  readonly servers: KeptServers;
  readonly building: ServerBuilding;
  readonly parked: ParkedCalls<KeptServer>;
  /** Told of a client whose request nothing is wrong with. */
  readonly wished: (wish: ServerWish) => void;
}

const LISTEN = 'subscriptions/listen';

/** Gives the SDK's own handler a server for each request: a new one of SDK v2, or a front of one that only knows sessions. */
export class SdkProducts {
  readonly #parts: SdkProductsParts;

  constructor(parts: SdkProductsParts) {
    this.#parts = parts;
  }

  async choose(serving: SdkCall): Promise<McpServerLike> {
    const { servers, building, parked, messages, wished } = this.#parts;
    const { sdk, key, wish, call } = serving;
    if (call.request !== undefined) wished(wish);
    // A handler that waits goes on where it is, whatever server its tenant has by now.
    const handle = await messages.handleIn(call);
    const waiting = handle === undefined ? undefined : parked.serverOf(handle, call.principal);
    if (waiting !== undefined) return this.#front(waiting, serving);
    const known = servers.known(key);
    if (known !== undefined && !needsServer(call.request)) {
      if (known.bridged !== undefined) return this.#front(known, serving);
      if (call.request?.method === LISTEN) return listenerOf(sdk, known.description);
    }
    if (known?.bridged !== undefined) {
      const server = await this.#acquire(serving);
      if (server.bridged !== undefined) return this.#frontOf(server, serving);
      // Its tenant has another kind of server by now.
      server.onIdle(server);
    }
    const { made, choice } = await building.makeOne(sdk, wish, call.signal);
    serving.choice = choice;
    if (!(made instanceof KeptServer)) {
      serving.fresh = made.product;
      return made.product;
    }
    servers.adopt(key, wish.principal.subject, made);
    return this.#frontOf(made, serving);
  }

  /** A front of a server that nobody else gets meanwhile. */
  async #frontOf(server: KeptServer, serving: SdkCall): Promise<McpServerLike> {
    server.hold();
    serving.own = server;
    if (server.bridged?.headerTools === undefined) await server.learnHeaderTools();
    return this.#front(server, serving);
  }

  #front({ description, bridged }: KeptServer, serving: SdkCall): McpServerLike {
    serving.call.bridged = true;
    return facadeOf(serving.sdk, {
      // All that the server says of itself, and not only what is known of every server.
      description: bridged?.description ?? description,
      headerTools: bridged?.headerTools ?? new Map(),
      forward: (round) => this.#forward(round, serving),
    });
  }

  async #forward(given: FacadeRound, serving: SdkCall): Promise<RoundAnswer> {
    const { parked } = this.#parts;
    const { call } = serving;
    const { state } = given;
    if (state?.startsWith(STATE.parked) === true) {
      const handle = state.slice(STATE.parked.length);
      const server = parked.serverOf(handle, call.principal);
      const run = parked.take(handle, call.principal);
      if (run === undefined || server === undefined) return invalidState();
      const round: Round = { ...given, park: (again) => parked.park(again, call, server) };
      if (call.shaped?.denied !== true) return run.resume(round);
      // The tool is no longer the caller's to use.
      run.abandon('The caller may not use the tool any more.');
    }
    const { own } = serving;
    serving.own = undefined;
    const bridged = own?.bridged;
    if (own === undefined || bridged === undefined) return connectionLost();
    own.call = call;
    const answer = bridged.call({ ...given, park: (run) => parked.park(run, call, own) });
    own.release();
    return answer;
  }

  #acquire({ sdk, key, wish, call }: SdkCall): Promise<KeptServer> {
    const { servers, building } = this.#parts;
    return servers.acquire({
      key,
      subject: wish.principal.subject,
      signal: call.signal,
      build: (signal) => building.keep(sdk, wish, signal),
    });
  }
}

/** Whether a request goes on to a server, and not only to what is known of it. */
function needsServer(request: JsonRpcRequest | undefined): boolean {
  return request !== undefined && request.method !== LISTEN && request.method !== 'server/discover';
}
