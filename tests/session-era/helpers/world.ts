import { randomBytes } from 'node:crypto';

import {
  createTessera,
  TESSERA_EVENT_NAMES,
  type Logger,
  type Tessera,
  type TesseraEvents,
  type TesseraOptions,
  type TenantOptions,
} from '@tessera-mcp/core';
import { serve } from '@tessera-mcp/node';

import { closeLater } from './cleanup.js';
import { SDK_V1, SDK_V2, type Sdk } from './servers.js';
import { Stage } from './stage.js';

export interface SendOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: RequestInit['body'];
  readonly signal?: AbortSignal;
}

type Send = (options: SendOptions) => Promise<Response>;

/** Where requests go in: straight into the tessera, or through a socket. */
interface Host {
  readonly name: string;
  open(tessera: Tessera): Promise<{ readonly send: Send; readonly port: number }>;
}

/** A host and the SDK its servers are made of. */
export interface Setting {
  readonly name: string;
  readonly host: Host;
  readonly sdk: Sdk;
  readonly socket: boolean;
}

/** A tessera with the tenants `acme` (two tokens) and `globex` (one), reachable through a host. */
export interface World {
  readonly tessera: Tessera;
  readonly send: Send;
  /** 0 when there is no socket. */
  readonly port: number;
  readonly acme: Stage;
  readonly globex: Stage;
  /** Everything the tessera told since it was made. */
  events<Name extends keyof TesseraEvents>(name: Name): TesseraEvents[Name][];
  everyEvent(): unknown[];
}

export interface Tokens {
  readonly acme: string;
  readonly sibling: string;
  readonly globex: string;
}

export const newToken = (): string => randomBytes(32).toString('base64url');

/** The tokens of every world. */
export const TOKENS: Tokens = { acme: newToken(), sibling: newToken(), globex: newToken() };

const toInit = ({ method = 'POST', headers = {}, body, signal }: SendOptions): RequestInit => ({
  method,
  headers,
  ...(body === undefined ? {} : { body, duplex: 'half' as const }),
  ...(signal === undefined ? {} : { signal }),
});

const inProcess: Host = {
  name: 'in process',
  open: (tessera) =>
    Promise.resolve({
      port: 0,
      send: (options) =>
        tessera.fetch(new Request(`http://localhost${options.path ?? '/mcp'}`, toInit(options))),
    }),
};

const overSocket: Host = {
  name: 'over a socket',
  open: async (tessera) => {
    const served = await serve(tessera);
    closeLater(() => {
      const closed = served.close();
      served.server.closeAllConnections();
      return closed;
    });
    return {
      port: served.port,
      send: (options) => fetch(`${served.origin}${options.path ?? '/mcp'}`, toInit(options)),
    };
  },
};

const setting = (host: Host, sdk: Sdk): Setting => ({
  name: `${host.name}, ${sdk.name}`,
  host,
  sdk,
  socket: host === overSocket,
});

export const IN_PROCESS: Setting = setting(inProcess, SDK_V1);
export const OVER_SOCKET: Setting = setting(overSocket, SDK_V1);

/** Both hosts, for what does not depend on the server. */
export const HOSTS: readonly Setting[] = [IN_PROCESS, OVER_SOCKET];

/** Both hosts with servers of both SDKs. */
export const SETTINGS: readonly Setting[] = [
  ...HOSTS,
  setting(inProcess, SDK_V2),
  setting(overSocket, SDK_V2),
];

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Makes a world that is closed after the test. */
export async function createWorld(
  { host, sdk }: Setting,
  options: TesseraOptions = {},
  ofAcme: Partial<TenantOptions> = {},
): Promise<World> {
  const tessera = createTessera({ logger: SILENT, ...options });
  closeLater(() => tessera.close());
  const told: { name: keyof TesseraEvents; payload: unknown }[] = [];
  for (const name of TESSERA_EVENT_NAMES) {
    tessera.on(name, (payload) => {
      told.push({ name, payload });
    });
  }
  const acme = new Stage('acme');
  const globex = new Stage('globex');
  tessera.addTenant({
    id: 'acme',
    server: () => sdk.make(acme),
    tokens: [TOKENS.acme, TOKENS.sibling],
    ...ofAcme,
  });
  tessera.addTenant({ id: 'globex', server: () => sdk.make(globex), tokens: [TOKENS.globex] });
  const { send, port } = await host.open(tessera);
  return {
    tessera,
    send,
    port,
    acme,
    globex,
    events: <Name extends keyof TesseraEvents>(name: Name) =>
      told.filter((event) => event.name === name).map((event) => event.payload as TesseraEvents[Name]),
    everyEvent: () => told,
  };
}
