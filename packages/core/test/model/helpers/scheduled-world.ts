import type fc from 'fast-check';
import {
  createTessera,
  TesseraError,
  type EdgeRequest,
  type Tessera,
  type TesseraEvents,
} from '../../../src/index.js';
import { FakeTime } from '../../helpers/fake-platform.js';
import { AnsweredRequest } from './answered-request.js';
import { CountedServers, type FactoryKind } from './counted-servers.js';

/** Tenants and their tokens: two of the tessera's own, and two users that a verifier knows. */
export const TENANTS = ['a', 'b'] as const;
export const TOKENS_OF = {
  a: ['a-own-1', 'a-own-2', 'a-verified-1', 'a-verified-2'],
  b: ['b-own-1', 'b-own-2', 'b-verified-1', 'b-verified-2'],
} as const;
export const TOKENS: readonly string[] = [...TOKENS_OF.a, ...TOKENS_OF.b];

export const LIMITS = {
  sessions: 3,
  streamsPerSession: 2,
  totalSessions: 10,
  initializeBurst: 10_000,
  calls: 1000,
};
export const IDLE_MS = 60_000;
const FACTORY_MS = 10_000;

export const tenantOf = (token: string): string => token.slice(0, 1);
const isVerified = (token: string): boolean => token.includes('verified');

/** A session that a client was told of. */
export interface KnownSession {
  readonly id: string;
  readonly token: string;
}

/** What is said in a request. */
interface Sent {
  readonly method: string;
  readonly token: string;
  readonly session?: string | undefined;
  readonly message?: { readonly method: string; readonly id?: number; readonly params?: object };
  /** Whether the body comes only when the scheduler lets it. */
  readonly slow?: boolean;
}

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A tessera, and everything that has been asked of it and told by it. All waiting in it is for the scheduler. */
export class ScheduledWorld {
  readonly time = new FakeTime();
  readonly servers: CountedServers;
  readonly tessera: Tessera;
  readonly requests: AnsweredRequest[] = [];
  readonly sessions: KnownSession[] = [];
  readonly created: TesseraEvents['sessionCreated'][] = [];
  readonly ended: TesseraEvents['sessionEnded'][] = [];
  readonly internalErrors: string[] = [];
  /** Sessions that were opened with another server than the newest of their tenant. */
  readonly outdated: string[] = [];
  /** What was done, for what may follow from it only. */
  readonly done = new Set<string>();
  readonly #scheduler: fc.Scheduler;
  readonly #refused = new Set<string>();
  /** Names of the servers of each tenant, one for each generation. */
  readonly #labels = new Map<string, string[]>();
  #lastId = 0;
  #lastFactory = 0;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
    this.servers = new CountedServers(scheduler);
    this.tessera = createTessera({
      clock: this.time,
      timers: this.time,
      logger: silent,
      limits: { ...LIMITS, factoryMs: FACTORY_MS },
      sessions: { idleMs: IDLE_MS },
      auth: {
        tenant: ({ clientId }) => tenantOf(clientId),
        subject: ({ clientId }) => clientId,
        rememberVerifiedMs: 0,
        verifier: { verifyAccessToken: (token) => this.#verify(token) },
      },
    });
    this.tessera.on('sessionCreated', (event) => {
      this.created.push(event);
      const { generation = 0 } = this.tessera.getTenant(event.tenantId) ?? {};
      const newest = this.#labels.get(event.tenantId)?.[generation - 1];
      if (event.serverName !== newest) this.outdated.push(`${event.serverName} instead of ${String(newest)}`);
    });
    this.tessera.on('sessionEnded', (event) => this.ended.push(event));
    this.tessera.on('internalError', ({ error }) => {
      // Servers that cannot be made are part of the game.
      const isServersFault = TesseraError.isInstance(error) && error.code.startsWith('factory_');
      if (!isServersFault) this.internalErrors.push(error.stack ?? error.message);
    });
    for (const tenantId of TENANTS) this.addTenant(tenantId);
  }

  /** Ids of sessions that were created and have not ended. */
  get active(): string[] {
    const over = new Set(this.ended.map(({ sessionId }) => sessionId));
    return this.created.map(({ sessionId }) => sessionId).filter((id) => !over.has(id));
  }

  addTenant(id: (typeof TENANTS)[number]): void {
    if (this.tessera.getTenant(id) !== undefined) return;
    const tokens = TOKENS_OF[id].filter((token) => !isVerified(token));
    // Of one tenant all users share the caps, of the other each has its own.
    const limitsPer = id === 'a' ? 'tenant' : 'subject';
    this.#attempt(() => {
      this.tessera.addTenant({ id, server: this.#factory(id, 'good'), tokens, limitsPer });
    });
  }

  removeTenant(id: string): void {
    this.done.add(`tenantRemoved ${id}`);
    this.tessera.removeTenant(id);
  }

  /** Takes a token away, as who knows it does: the tessera, or the verifier. */
  removeToken(token: string): void {
    this.done.add(`revoked ${token}`);
    if (isVerified(token)) this.#refused.add(token);
    else this.tessera.removeToken(token);
  }

  addToken(token: string): void {
    this.#refused.delete(token);
    if (isVerified(token) || this.tessera.hasToken(token)) return;
    this.#attempt(() => this.tessera.addToken(tenantOf(token), token));
  }

  setEnabled(id: string, enabled: boolean): void {
    void this.#attemptLater(this.tessera.updateTenant(id, { enabled }));
  }

  update(id: string, kind: FactoryKind, sessions: 'swap' | 'drain' | 'end'): void {
    this.done.add(`updated ${id}`);
    const changing = this.tessera.updateTenant(id, { server: this.#factory(id, kind) }, { sessions });
    void this.#attemptLater(changing);
  }

  async wait(ms: number): Promise<void> {
    this.done.add('idle');
    await this.time.advance(ms);
  }

  close(): void {
    this.done.add('stopped');
    void this.tessera.close();
  }

  open(token: string, slow = false): AnsweredRequest {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'model', version: '1.0.0' },
    };
    const id = this.#nextId();
    const asked = this.send({ method: 'POST', token, slow, message: { method: 'initialize', id, params } });
    void asked.answered.then(() => {
      const { status, sessionId } = asked.request;
      if (status === 200 && sessionId !== undefined) this.sessions.push({ id: sessionId, token });
    });
    return asked.request;
  }

  call(token: string, session: string, tool: 'work' | 'talk', slow = false): AnsweredRequest {
    const message = { method: 'tools/call', id: this.#nextId(), params: { name: tool, arguments: {} } };
    return this.send({ method: 'POST', token, session, slow, message }).request;
  }

  ping(token: string, session: string): AnsweredRequest {
    const message = { method: 'ping', id: this.#nextId() };
    return this.send({ method: 'POST', token, session, message }).request;
  }

  listen(token: string, session: string): AnsweredRequest {
    return this.send({ method: 'GET', token, session }).request;
  }

  end(token: string, session: string): AnsweredRequest {
    this.done.add(`deleted ${session}`);
    return this.send({ method: 'DELETE', token, session }).request;
  }

  cancel(token: string, session: string, requestId: number): AnsweredRequest {
    const message = { method: 'notifications/cancelled', params: { requestId } };
    return this.send({ method: 'POST', token, session, message }).request;
  }

  send({ method, token, session, message, slow }: Sent): {
    readonly request: AnsweredRequest;
    readonly answered: Promise<void>;
  } {
    const description = `${method} ${message?.method ?? ''} by ${token} in ${session ?? 'no session'}`;
    const asked = new AnsweredRequest(description, message?.id);
    this.requests.push(asked);
    const headers = new Headers({
      authorization: `Bearer ${token}`,
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
    });
    const body = message === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', ...message });
    const text = (): Promise<string> =>
      slow === true
        ? this.#scheduler.schedule(Promise.resolve(body), `body: ${description}`)
        : Promise.resolve(body);
    const request: EdgeRequest = { method, url: '/mcp', headers, text };
    const answered = this.tessera.handle(request).then((answer) => {
      asked.take(answer);
    });
    return { request: asked, answered };
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #factory(tenantId: string, kind: FactoryKind): ReturnType<CountedServers['factory']> {
    this.#lastFactory += 1;
    const label = `${tenantId} ${String(this.#lastFactory)}`;
    if (this.tessera.getTenant(tenantId) === undefined) this.#labels.set(tenantId, []);
    this.#labels.get(tenantId)?.push(label);
    return this.servers.factory(tenantId, label, kind);
  }

  async #verify(token: string): Promise<{ token: string; clientId: string; scopes: string[] }> {
    await this.#scheduler.schedule(Promise.resolve(), `verifier on ${token}`);
    if (this.#refused.has(token) || !isVerified(token)) {
      throw Object.assign(new Error('Not a token.'), { code: 'invalid_token' });
    }
    return { token, clientId: token, scopes: [] };
  }

  /** Does what may be refused for a reason of the tessera's own, such as that the tenant is gone. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      if (!TesseraError.isInstance(thrown)) throw thrown;
    }
  }

  async #attemptLater(running: Promise<void>): Promise<void> {
    try {
      await running;
    } catch (thrown) {
      if (!TesseraError.isInstance(thrown)) this.internalErrors.push(String(thrown));
    }
  }
}

function ignore(): void {
  // The model looks at events, not at logs.
}
