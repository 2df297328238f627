import { coreError } from '../errors/core-error.js';
import { TesseraError } from '../errors/tessera-error.js';
import { Attempt } from '../servers/attempt.js';
import { SharedServerUse } from '../servers/shared-server.js';
import type { ServerFactory } from '../servers/server-factory.js';
import { ListMemory } from '../servers/list-memory.js';
import { closeQuietly, serverTooSlow } from '../servers/server-maker.js';
import type { MessageExtra } from '../servers/transport.js';
import { hearErrors, innerServer, type McpServerLike } from '../shared/mcp-server.js';
import type { Caller } from '../shared/caller.js';
import type { JsonRpcNotification } from '../shared/json-rpc.js';
import type { Principal } from '../shared/model.js';
import { toError } from '../shared/values.js';
import { BridgedServer, type BridgeParts } from './bridge/bridged-server.js';
import { facadeOf } from './bridge/facade.js';
import type { ParkedCalls } from './bridge/parked-calls.js';
import type { FactoryChoice, StatelessEngineParts } from './engine-parts.js';
import type { ClientIdentity } from './envelope.js';
import { keepProduct, type KeepProductOptions } from './instances/keep-product.js';
import { headerToolsOf, type KeptServer } from './instances/kept-server.js';
import { isModern, modernProduct, type ModernProduct } from './instances/modern-product.js';
import type { Sdk } from './sdk.js';

/** Who a server is made for. */
export interface ServerWish {
  readonly principal: Principal;
  readonly makeServer: Caller['makeServer'];
  readonly client: ClientIdentity;
  readonly extra: MessageExtra;
}

interface Building {
  readonly principal: Principal;
  readonly attempt: Attempt;
}

/** Runs factories for the stateless era, and connects what they make. */
export class ServerBuilding {
  readonly #parts: StatelessEngineParts;
  readonly #parked: ParkedCalls<KeptServer>;
  readonly #said: (notification: JsonRpcNotification, principal: Principal | undefined) => void;
  readonly #buildings = new Set<Building>();
  #foreignTold = false;

  /** @param said hears what servers say that belongs to no call */
  constructor(
    parts: StatelessEngineParts,
    parked: ParkedCalls<KeptServer>,
    said: (notification: JsonRpcNotification, principal: Principal | undefined) => void,
  ) {
    this.#parts = parts;
    this.#parked = parked;
    this.#said = said;
  }

  get busy(): boolean {
    return this.#buildings.size > 0;
  }

  /**
   * Makes a server that is kept.
   *
   * @param signal aborted when nobody wants it any more
   */
  keep(sdk: Sdk, wish: ServerWish, signal: AbortSignal): Promise<KeptServer> {
    return this.#attempt(wish, signal, async (attempt) => {
      for (;;) {
        const choice = await attempt.race(this.#parts.choose(wish.makeServer));
        const made = await this.#make(choice.factory, wish.principal, attempt);
        const server = await this.#connect(sdk, made, wish, attempt);
        if (this.#isWanted(server, choice, attempt)) return server;
      }
    });
  }

  /** Makes a server for one request. A bridged one is connected, so that it can be kept. */
  makeOne(
    sdk: Sdk,
    wish: ServerWish,
    signal: AbortSignal,
  ): Promise<{ readonly made: ModernProduct | KeptServer; readonly choice: FactoryChoice }> {
    return this.#attempt(wish, signal, async (attempt) => {
      for (;;) {
        const choice = await attempt.race(this.#parts.choose(wish.makeServer));
        const made = await this.#make(choice.factory, wish.principal, attempt);
        if (!isModern(made)) {
          const server = await this.#connect(sdk, made, wish, attempt);
          if (this.#isWanted(server, choice, attempt)) return { made: server, choice };
        } else if (choice.isCurrent()) return { made: this.#product(sdk, made), choice };
        else closeQuietly(made);
      }
    });
  }

  /** What a server's refusal to be connected is told as. */
  connectFailure(thrown: unknown): Error {
    const failure = this.#notConnected(thrown);
    this.#parts.observer.factoryFailed(failure);
    return failure;
  }

  /** Makes a server of a factory that is not used yet, and closes it again. */
  tryOut(sdk: Sdk, wish: ServerWish, factory: ServerFactory, attempt: Attempt): Promise<KeptServer> {
    return this.#make(factory, wish.principal, attempt).then((made) =>
      this.#connect(sdk, made, wish, attempt),
    );
  }

  /** Stops the making of servers for those who have lost access. */
  stop(isGone: (principal: Principal) => boolean, reason: () => TesseraError): void {
    for (const { principal, attempt } of this.#buildings) if (isGone(principal)) attempt.stop(reason());
  }

  /** Whether a server is still the right one, and somebody may have it; if not, it is closed. */
  #isWanted(server: KeptServer, choice: FactoryChoice, attempt: Attempt): boolean {
    const isCurrent = choice.isCurrent();
    if (isCurrent) choice.answered(server.description.server);
    // Whoever heard of it may have taken away what it was made for.
    if (isCurrent && attempt.stoppedBy === undefined) return true;
    server.close();
    if (attempt.stoppedBy !== undefined) throw attempt.stoppedBy;
    return false;
  }

  async #attempt<Made>(
    { principal }: ServerWish,
    signal: AbortSignal,
    make: (attempt: Attempt) => Promise<Made>,
  ): Promise<Made> {
    const { tenantId, services, observer } = this.#parts;
    const { timers, limits } = services;
    const attempt = new Attempt(timers, limits.factoryMs, () => serverTooSlow(tenantId, limits.factoryMs));
    const building: Building = { principal, attempt };
    this.#buildings.add(building);
    const onUnwanted = (): void => {
      attempt.stop(coreError('client_gone', 'Nobody waits for the server any more.'));
    };
    if (signal.aborted) onUnwanted();
    else signal.addEventListener('abort', onUnwanted);
    try {
      return await make(attempt);
    } catch (thrown) {
      observer.factoryFailed(thrown);
      throw thrown;
    } finally {
      attempt.finish();
      signal.removeEventListener('abort', onUnwanted);
      this.#buildings.delete(building);
    }
  }

  #make(factory: ServerFactory, principal: Principal, attempt: Attempt): Promise<McpServerLike> {
    const { tenantId, services } = this.#parts;
    return services.maker
      .make({ factory, attempt, context: { tenantId, principal, era: 'stateless' } })
      .then((made) => {
        hearErrors(innerServer(made), this.#parts.observer.failed);
        return made;
      });
  }

  async #connect(sdk: Sdk, made: McpServerLike, wish: ServerWish, attempt: Attempt): Promise<KeptServer> {
    const connecting = isModern(made)
      ? this.#keepModern(sdk, made, wish)
      : this.#keepBridged(sdk, made, wish, attempt.signal);
    try {
      return await attempt.race(connecting);
    } catch (thrown) {
      // What is connected too late is closed then.
      connecting.then(
        (server) => {
          server.close();
        },
        () => undefined,
      );
      closeQuietly(made);
      if (TesseraError.isInstance(thrown) || attempt.stoppedBy !== undefined) throw thrown;
      throw this.#notConnected(thrown);
    }
  }

  #notConnected(thrown: unknown): Error {
    const cause = toError(thrown);
    const text = `The server of tenant "${this.#parts.tenantId}" could not be connected: ${cause.message}.`;
    return coreError('factory_failed', text, { cause });
  }

  async #keepModern(sdk: Sdk, made: McpServerLike, wish: ServerWish): Promise<KeptServer> {
    const modern = this.#product(sdk, made);
    const memory = this.#memoryOf(made);
    const server = await keepProduct(sdk, modern, {
      ...wish,
      ...this.#hearsOf(wish),
      bridged: undefined,
      memory,
    });
    memory?.watch(made);
    return server;
  }

  async #keepBridged(
    sdk: Sdk,
    made: McpServerLike,
    wish: ServerWish,
    signal: AbortSignal,
  ): Promise<KeptServer> {
    const { services, options, observer } = this.#parts;
    const memory = this.#memoryOf(made);
    const place: { server?: KeptServer } = {};
    const parts: BridgeParts = {
      made,
      client: wish.client,
      extra: wish.extra,
      input: options.input,
      timers: services.timers,
      observer: {
        said: (notification) => {
          place.server?.said(notification);
          // What many share says what it says to all of them.
          this.#said(notification, made instanceof SharedServerUse ? undefined : wish.principal);
        },
        failed: observer.failed,
        idle: (spoilt) => place.server?.settled(spoilt),
        closed: () => place.server?.settled(true),
      },
    };
    const bridged = await BridgedServer.connect(parts, signal);
    const facade = facadeOf(sdk, {
      description: bridged.description,
      headerTools: bridged.headerTools ?? new Map(),
      forward: (round) => {
        const { server: own } = place;
        const answer = own?.answer;
        if (own === undefined || answer === undefined)
          return bridged.call({ ...round, park: (run) => own?.park(run) });
        own.answer = undefined;
        return Promise.resolve(answer);
      },
    });
    const server = await keepProduct(
      sdk,
      modernProduct(sdk, facade, () => undefined),
      {
        ...wish,
        ...this.#hearsOf(wish),
        bridged,
        memory,
        parked: this.#parked,
        headerTools: headerToolsOf(bridged),
      },
    );
    memory?.watch(made);
    place.server = server;
    return server;
  }

  #hearsOf({ principal }: ServerWish): Pick<KeepProductOptions, 'said' | 'failed'> {
    return {
      failed: this.#parts.observer.failed,
      said: (notification) => {
        this.#said(notification, principal);
      },
    };
  }

  #memoryOf(made: McpServerLike): ListMemory | undefined {
    const { rememberListsMs, staticLists, services } = this.#parts;
    return ListMemory.of(made, { clock: services.clock, rememberListsMs, staticLists });
  }

  #product(sdk: Sdk, made: McpServerLike): ModernProduct {
    return modernProduct(sdk, made, () => {
      if (this.#foreignTold) return;
      this.#foreignTold = true;
      this.#parts.services.logger.warn(
        `The McpServer of tenant "${this.#parts.tenantId}" is of another copy of @modelcontextprotocol/server than the one that serves it. It works, but parameters in headers (x-mcp-header) and scope challenges of its tools are not checked. Install one version of the package to have them.`,
      );
    });
  }
}
