import { coreError } from '../errors/core-error.js';
import type { TesseraError } from '../errors/tessera-error.js';
import type { Attempt } from '../servers/attempt.js';
import type { ServerFactory } from '../servers/server-factory.js';
import { CHANGEABLE_LISTS, LIST_CHANGED } from '../shared/changeable-lists.js';
import type { Answer } from '../shared/edge.js';
import type { JsonRpcNotification } from '../shared/json-rpc.js';
import type { Principal, ServerIdentity, SessionEndReason } from '../shared/model.js';
import { ParkedCalls } from './bridge/parked-calls.js';
import { CallMessages, type Change } from './calls/call-messages.js';
import { OpenCalls } from './calls/open-calls.js';
import { StatelessCall } from './calls/stateless-call.js';
import type { EngineCall, StatelessEngineParts, StatelessRequest } from './engine-parts.js';
import { FastPath } from './fast-path.js';
import type { KeptServer } from './instances/kept-server.js';
import { KeptServers } from './instances/kept-servers.js';
import { ChangeBus, changeEventOf } from './listens/change-bus.js';
import { ListenStreams } from './listens/listen-streams.js';
import type { PlainRequest } from './plain-request.js';
import { SdkPath } from './sdk-path.js';
import { loadSdk } from './sdk.js';
import { ServerBuilding, type ServerWish } from './server-building.js';

/** For how many clients servers are kept: of one user, and in all. */
const KEYS = {
  tenant: { maximumKeys: 64, keysPerSubject: 64 },
  shared: { maximumKeys: 1024, keysPerSubject: 16 },
};

/**
 * Serves MCP 2026-07-28 for one tenant. Requests that are plainly valid go straight to a server that is kept connected; all
 * others go through the SDK's own handler, which words every error.
 */
export class StatelessEngine {
  readonly #parts: StatelessEngineParts;
  readonly #calls: OpenCalls;
  readonly #bus: ChangeBus;
  readonly #messages: CallMessages;
  readonly #servers: KeptServers;
  readonly #building: ServerBuilding;
  readonly #parked: ParkedCalls<KeptServer>;
  readonly #listens: ListenStreams;
  readonly #fastPath: FastPath;
  readonly #sdkPath: SdkPath;
  /** Clients that were cut off so far, because they read too slowly. */
  cutStreams = 0;
  #watched = false;
  /** What those who listen have been told in this turn. */
  readonly #justSaid = new Set<string>();
  /** Whom a new server is tried out for. */
  #sample: ServerWish | undefined;

  constructor(parts: StatelessEngineParts) {
    const { services, options, observer, admission, limits } = parts;
    this.#parts = parts;
    this.#bus = new ChangeBus(parts.lane);
    const cut = (): void => {
      this.cutStreams += 1;
    };
    this.#calls = new OpenCalls({
      admission,
      hooks: parts.hooks,
      services,
      failed: observer.failed,
      ended: (call, end) => {
        observer.callEnded(call, end);
        this.#told();
      },
      cut,
    });
    this.#parked = new ParkedCalls({ ...services, admission, maximum: () => limits().parkedCalls });
    this.#messages = new CallMessages({
      hooks: parts.hooks,
      seal: services.seal,
      publicCache: options.publicCache,
      changed: (change) => {
        this.#publish(change);
      },
      failed: observer.failed,
    });
    this.#servers = new KeptServers({
      clock: services.clock,
      reuse: options.reuse,
      keepMs: options.keepMs,
      ...(parts.perSubject ? KEYS.shared : KEYS.tenant),
    });
    this.#building = new ServerBuilding(parts, this.#parked, (notification, principal) => {
      this.#messages.tellChange(notification, principal);
    });
    this.#listens = new ListenStreams({
      admission,
      heartbeat: services.heartbeat,
      queuedBytes: services.limits.queuedBytes,
      cut,
      ended: () => {
        this.#told();
      },
    });
    const ways = {
      messages: this.#messages,
      servers: this.#servers,
      building: this.#building,
      // A new server can be tried out for this client; not where each token makes its own, which is not to be kept.
      wished: (wish: ServerWish) => {
        if (wish.makeServer === undefined) this.#sample = wish;
      },
    };
    this.#fastPath = new FastPath(ways);
    this.#sdkPath = new SdkPath({
      ...ways,
      parked: this.#parked,
      listens: this.#listens,
      bus: this.#bus,
    });
  }

  /** Servers that are alive. */
  get keptServers(): number {
    return this.#servers.size;
  }

  /** Calls that wait for what their handler has asked. */
  get parkedCalls(): number {
    return this.#parked.size;
  }

  /** Open listen streams. */
  get listens(): number {
    return this.#listens.size;
  }

  /** Whether nothing is kept, open or in flight. */
  get unused(): boolean {
    return (
      this.#calls.size + this.#servers.size + this.#parked.size + this.#listens.size === 0 &&
      !this.#building.busy
    );
  }

  /** Answers a request. Neither throws nor rejects. */
  answer(given: StatelessRequest): Promise<Answer> | Answer {
    const call = this.#calls.open(given);
    if (!(call instanceof StatelessCall)) return call;
    this.#watch();
    call.watch(given.request);
    given.call = call;
    this.#dispatch(given as EngineCall);
    return call.answered;
  }

  /** Tells those who listen, and forgets what servers have said before. */
  notify(notification: JsonRpcNotification): void {
    if (notification.method.endsWith('/list_changed')) this.#servers.forgetLists();
    this.#messages.tellChange(notification);
  }

  /**
   * A newer server is there: it gets all new calls. Those in flight finish where they are.
   *
   * @param ending whether they end instead, and with them the streams of changes
   */
  replaced(ending: boolean): void {
    this.#servers.retire(() => true);
    if (ending) {
      this.#calls.endOf(() => true, 'updated', undefined);
      this.quiesce(() => coreError('connection_closed', 'The server was replaced.'));
    }
    for (const list of CHANGEABLE_LISTS) this.#messages.tellChange(LIST_CHANGED[list]);
  }

  /** How a new server can be tried out; undefined while there is nobody to try it for. */
  get trial(): ((factory: ServerFactory, attempt: Attempt) => Promise<ServerIdentity>) | undefined {
    const sample = this.#sample;
    if (sample === undefined || this.unused) return undefined;
    return async (factory, attempt) => {
      const server = await this.#building.tryOut(await loadSdk(), sample, factory, attempt);
      server.close();
      return server.description.server;
    };
  }

  /**
   * Ends what belongs to those who have lost access; `answer` is for callers who have seen nothing yet. Returns one of those
   * whose calls were in flight, if there were any.
   */
  endOf(
    isGone: (principal: Principal) => boolean,
    reason: SessionEndReason,
    { answer, refusal }: { readonly answer?: Answer | undefined; readonly refusal: () => TesseraError },
  ): Principal | undefined {
    this.#building.stop(isGone, refusal);
    const ended = this.#calls.endOf(isGone, reason, answer);
    this.#parked.dropOf(isGone, 'Access was taken away, or the server stopped.');
    this.#listens.endOf(isGone);
    this.#servers.retire(isGone);
    if (this.#sample !== undefined && isGone(this.#sample.principal)) this.#sample = undefined;
    this.#told();
    return ended;
  }

  /** Ends listen streams and what waits; calls in flight go on. */
  quiesce(refusal: () => TesseraError): void {
    this.#building.stop(() => true, refusal);
    this.#parked.dropOf(() => true, 'The server takes no more requests.');
    this.#listens.endOf(() => true);
  }

  /** Ends the listen stream that is open for longest, for another tenant's sake; false when there is none. */
  endOldestListen(): boolean {
    return this.#listens.endOldest();
  }

  /** Cuts off the client that reads most slowly; false when all keep up. */
  cutSlowest(): boolean {
    const listen = this.#listens.slowest();
    const call = this.#calls.slowest();
    const slowest = (listen?.waitingBytes ?? 0) > (call?.waitingBytes ?? 0) ? listen : call;
    slowest?.cut();
    return slowest !== undefined;
  }

  /** Does what is due: ends calls that take too long, forgets what nobody has used. */
  sweep(): void {
    const { clock, expiredAnswer } = this.#parts.services;
    const wallClock = clock.now();
    const { callMs } = this.#parts.limits();
    if (callMs < Infinity) this.#calls.endBefore(clock.monotonic() - callMs);
    const hasExpired = ({ expiresAt = Infinity }: Principal): boolean => expiresAt <= wallClock;
    this.endOf(hasExpired, 'expired', {
      answer: expiredAnswer,
      refusal: () => coreError('invalid_token', 'Token has expired'),
    });
    this.#parked.sweep();
    this.#servers.sweep((subject) => this.#listens.hasOf(subject));
    this.#told();
  }

  #dispatch(given: EngineCall): void {
    const { call } = given;
    if (call.over) return;
    const { direct, reuse } = this.#parts.options;
    try {
      const plain = direct && reuse ? this.#fastPath.read(given) : undefined;
      if (plain !== undefined && this.#fastPath.beginAtOnce(plain, given)) return;
      this.#dispatchSlowly(plain, given).catch((thrown: unknown) => {
        call.fail(thrown);
      });
    } catch (thrown) {
      call.fail(thrown);
    }
  }

  async #dispatchSlowly(plain: PlainRequest | undefined, given: EngineCall): Promise<void> {
    const { call } = given;
    const sdk = await loadSdk();
    if (isOver(call)) return;
    if (plain !== undefined && (await this.#fastPath.begin(sdk, plain, given))) return;
    if (!isOver(call)) await this.#sdkPath.serve(sdk, given);
  }

  #publish({ method, uri, from }: Change): void {
    if (!this.#bus.hasListeners) return;
    const event = changeEventOf(method, uri);
    // Where many users share a tenant, what the server of one says is for that one.
    const subject = this.#parts.perSubject ? from?.subject : undefined;
    const said = JSON.stringify([method, uri, subject]);
    if (event === undefined || this.#justSaid.has(said)) return;
    // A server that many share says it once on each of its lines; those who listen hear it once.
    this.#justSaid.add(said);
    queueMicrotask(() => this.#justSaid.delete(said));
    this.#bus.publish(event, subject);
  }

  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#parts.services.heartbeat.watchSessions(this);
  }

  #told(): void {
    if (!this.#watched || !this.unused) return;
    this.#watched = false;
    this.#parts.services.heartbeat.unwatchSessions(this);
    this.#parts.observer.unused();
  }
}

/** Asked again after each wait: TypeScript remembers what was so before. */
function isOver({ over }: StatelessCall): boolean {
  return over;
}
