import {
  createTessera,
  TESSERA_EVENT_NAMES,
  type KeyOptions,
  type McpServerLike,
  type SessionStore,
  type Tessera,
} from '@tessera-mcp/core';
import { SampleServer } from '../fixtures/sample-server.js';
import { SILENT } from '../fixtures/sample-tessera.js';

/** The callers: two tokens of one tenant, another tenant's, and those of users whom a verifier tells apart. */
export const TOKENS: Readonly<
  Record<'acme' | 'sibling' | 'globex' | 'alice' | 'aliceAgain' | 'bob', string>
> = {
  acme: 'token-of-acme-Vq3xR8mZ1tK7wB5yN2cH9dL4sP6fJ0',
  sibling: 'token-of-sibling-Vq3xR8mZ1tK7wB5yN2cH9dL4sP6fJ0',
  globex: 'token-of-globex-Vq3xR8mZ1tK7wB5yN2cH9dL4sP6fJ0',
  alice: 'token-of-alice-Vq3xR8mZ1tK7wB5yN2cH9dL4sP6fJ0',
  aliceAgain: 'token-of-aliceAgain-Vq3xR8mZ1tK7wB5yN2cH9dL4sP6fJ0',
  bob: 'token-of-bob-Vq3xR8mZ1tK7wB5yN2cH9dL4sP6fJ0',
};

const USERS: Readonly<Record<string, string>> = {
  [TOKENS.alice]: 'alice',
  [TOKENS.aliceAgain]: 'alice',
  [TOKENS.bob]: 'bob',
};

/** Who knows the tokens of users; to a provider, each token is a tenant. */
export type UsersOf = 'verifier' | 'provider';

/** What a world is made with. */
export interface OwnershipWorldOptions {
  /** @default 'verifier' */
  readonly users?: UsersOf;
  /** Where sessions are kept for other worlds to go on with. Default: nowhere. */
  readonly store?: SessionStore;
}

/** Whoever shares a store of sessions shares these. */
const KEYS: KeyOptions = { secret: 'a secret that all who share a store know' };

/** An event as it was told. */
export interface ToldEvent {
  readonly name: string;
  readonly payload: object;
}

/** What must not change when somebody is refused. */
export interface OwnershipState {
  readonly stats: object;
  readonly sessions: readonly object[];
  readonly serversMade: number;
  readonly messagesReceived: number;
}

/** A tessera of several tenants that keeps count of whatever a request can cause. */
export class OwnershipWorld {
  readonly tessera: Tessera;
  readonly told: ToldEvent[] = [];
  #serversMade = 0;
  #messagesReceived = 0;

  constructor({ users = 'verifier', store }: OwnershipWorldOptions = {}) {
    const verifier = { verifyAccessToken: verify };
    const provider = { ...verifier, createServerForToken: (): McpServerLike => this.#makeServer() };
    this.tessera = createTessera({
      logger: SILENT,
      auth: users === 'verifier' ? { tenant: 'users', verifier } : { provider },
      ...(store === undefined ? {} : { keys: KEYS, stores: { sessions: store } }),
    });
    for (const name of TESSERA_EVENT_NAMES) {
      this.tessera.on(name, (payload) => {
        this.told.push({ name, payload });
      });
    }
    const server = (): McpServerLike => this.#makeServer();
    this.tessera.addTenant({ id: 'acme', server, tokens: [TOKENS.acme, TOKENS.sibling] });
    this.tessera.addTenant({ id: 'globex', server, tokens: [TOKENS.globex] });
    this.tessera.addTenant({ id: 'users', server });
  }

  get state(): OwnershipState {
    return {
      stats: this.tessera.getStats(),
      sessions: this.tessera.getActiveSessions(),
      serversMade: this.#serversMade,
      messagesReceived: this.#messagesReceived,
    };
  }

  #makeServer(): McpServerLike {
    this.#serversMade += 1;
    const server = new SampleServer();
    return {
      connect: async (transport: Parameters<SampleServer['connect']>[0]) => {
        await server.connect(transport);
        const receive = transport.onmessage;
        transport.onmessage = (message) => {
          this.#messagesReceived += 1;
          receive?.(message);
        };
      },
      close: () => server.close(),
    };
  }
}

function verify(
  token: string,
): Promise<{ token: string; clientId: string; scopes: string[]; extra: { sub: string; iss: string } }> {
  const sub = USERS[token];
  // The fields that the verifiers of both SDKs give their errors.
  if (sub === undefined) {
    return Promise.reject(
      Object.assign(new Error('Nobody knows the token.'), { errorCode: 'invalid_token' }),
    );
  }
  const extra = { sub, iss: 'https://auth.example.com' };
  return Promise.resolve({ token, clientId: 'one client for all', scopes: [], extra });
}
