import {
  createTessera,
  TESSERA_EVENT_NAMES,
  type Logger,
  type ServerFactory,
  type TenantOptions,
  type Tessera,
  type TesseraOptions,
} from '@tessera-mcp/core';
import { closeLater } from '../../../session-era/helpers/cleanup.js';
import { newToken } from '../../../session-era/helpers/world.js';
import { headerValue, META, VERSION } from '../../fuzz/helpers/draft.js';
import { readAnswer, type ReadAnswer } from '../../fuzz/helpers/read-answer.js';

/** A caller of the tenant. */
export type Who = 'alice' | 'bob';

/** A JSON-RPC message, as loosely as a test needs it. */
export interface StatelessMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>> & {
    readonly content?: readonly { readonly text?: string }[];
    readonly isError?: boolean;
    readonly tools?: readonly { readonly name: string; readonly description?: string }[];
    readonly resultType?: string;
    readonly requestState?: string;
    readonly inputRequests?: Readonly<
      Record<string, { readonly method: string; readonly params?: Readonly<Record<string, unknown>> }>
    >;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** A request of the stateless era; what is left out is what a usual client says. */
export interface Asking {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly as?: Who;
  /** `undefined` makes it a notification. */
  readonly id?: unknown;
  readonly client?: unknown;
  readonly capabilities?: unknown;
  /** More of the envelope. */
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a call says besides the name of its tool and its text. */
export type CallOptions = Omit<Asking, 'method' | 'params'> & {
  readonly params?: Readonly<Record<string, unknown>>;
};

/** An answer, with its last message at hand. */
export interface TakenAnswer extends ReadAnswer {
  readonly last: StatelessMessage | undefined;
  /** The text of a tool's result. */
  readonly text: string | undefined;
}

export const USUAL_CLIENT = { name: 'usual', version: '1.0.0' };

/** Options that are given to the tessera and its one tenant. */
export interface TenantSetting {
  readonly tessera?: TesseraOptions;
  readonly tenant?: Partial<TenantOptions>;
  readonly direct?: boolean;
}

/** A tenant with two callers, and everything the tessera has logged and told. */
export class StatelessTenant {
  readonly tessera: Tessera;
  readonly logged: string[] = [];
  readonly told: { readonly name: string; readonly payload: unknown }[] = [];
  readonly tokens: Readonly<Record<Who, string>> = { alice: newToken(), bob: newToken() };

  constructor(server: ServerFactory, { tessera = {}, tenant = {}, direct = true }: TenantSetting = {}) {
    this.tessera = createTessera({ logger: this.#logger(), stateless: { direct }, ...tessera });
    closeLater(() => this.tessera.close());
    for (const name of TESSERA_EVENT_NAMES) {
      this.tessera.on(name, (payload) => {
        this.told.push({ name, payload });
      });
    }
    this.tessera.addTenant({ id: 'acme', server, ...tenant });
    this.tessera.addToken('acme', this.tokens.alice, { scopes: ['alice'] });
    this.tessera.addToken('acme', this.tokens.bob, { scopes: ['bob'] });
  }

  /** How the tenant tells what it has told under a name. */
  events(name: string): unknown[] {
    return this.told.filter((event) => event.name === name).map(({ payload }) => payload);
  }

  send(asking: Asking): Promise<Response> {
    return this.tessera.fetch(toRequest(asking, this.tokens[asking.as ?? 'alice']));
  }

  async ask(asking: Asking): Promise<TakenAnswer> {
    const answer = await readAnswer(await this.send(asking));
    const last = answer.messages.at(-1) as StatelessMessage | undefined;
    return { ...answer, last, text: last?.result?.content?.[0]?.text };
  }

  call(name: string, text = '', { params, ...options }: CallOptions = {}): Promise<TakenAnswer> {
    return this.ask({ ...options, method: 'tools/call', params: { name, arguments: { text }, ...params } });
  }

  async list(
    options: CallOptions = {},
  ): Promise<readonly { readonly name: string; readonly description?: string }[]> {
    const { last } = await this.ask({ ...options, method: 'tools/list' });
    if (last?.result?.tools === undefined) throw new Error(`Not a list: ${JSON.stringify(last)}`);
    return last.result.tools;
  }

  #logger(): Logger {
    const log = (...given: unknown[]): void => {
      this.logged.push(given.map(String).join(' '));
    };
    return { debug: () => undefined, info: log, warn: log, error: log };
  }
}

function toRequest(asking: Asking, token: string): Request {
  const {
    method,
    params = {},
    client = USUAL_CLIENT,
    capabilities = {},
    meta = {},
    headers = {},
    signal,
  } = asking;
  const _meta = {
    [META.version]: VERSION,
    [META.client]: client,
    [META.capabilities]: capabilities,
    ...meta,
  };
  const id = 'id' in asking ? asking.id : 1;
  const { name, uri } = params;
  const named = [name, uri].find((one) => typeof one === 'string');
  return new Request('http://localhost/mcp', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': VERSION,
      'mcp-method': method,
      ...(named === undefined || method === 'tools/list' ? {} : { 'mcp-name': headerValue(named) }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }),
    ...(signal === undefined ? {} : { signal }),
  });
}
