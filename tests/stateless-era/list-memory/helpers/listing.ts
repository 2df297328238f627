import type { McpServerLike, TenantOptions, TesseraOptions } from '@tessera-mcp/core';
import { FakeTime } from '../../../../packages/core/test/helpers/fake-platform.js';
import { request } from '../../../session-era/helpers/messages.js';
import { edgeRequest, messagesOf, openSession } from '../../../live-tenancy/helpers/client.js';
import { StatelessTenant, type Who } from '../../pitfalls/helpers/stateless-tenant.js';

/** In which era, and on which path, a list is asked for. */
export type Path = 'in a session' | 'directly' | 'not directly';

export const PATHS: readonly Path[] = ['in a session', 'directly', 'not directly'];

/** For how long lists are remembered. */
export type Memory = 'off' | 'default' | 'static';

export const MEMORIES: readonly Memory[] = ['off', 'default', 'static'];

/** How old a list may be where nothing is said about it. */
export const DEFAULT_AGE_MS = 1000;

/** What is asked of which servers. */
export interface ListingSetting<Made> {
  readonly path: Path;
  readonly memory: Memory;
  /** Makes something with a server in it. */
  readonly make: (scopes: readonly string[]) => Made;
  readonly serverOf: (made: Made) => McpServerLike;
}

type Listed = readonly Readonly<Record<string, unknown>>[];

/** A tenant whose servers a test changes while their lists are asked for, in either era. */
export class Listing<Made> {
  readonly time = new FakeTime();
  readonly tenant: StatelessTenant;
  readonly #setting: ListingSetting<Made>;
  readonly #made: Made[] = [];
  readonly #changes: ((made: Made) => void)[] = [];
  readonly #sessions = new Map<Who, string>();
  #lastId = 0;

  constructor(setting: ListingSetting<Made>) {
    this.#setting = setting;
    const { path, memory, make, serverOf } = setting;
    const tessera: TesseraOptions = {
      clock: this.time,
      timers: this.time,
      ...(memory === 'off' ? { rememberListsMs: 0 } : {}),
    };
    const lists: Partial<TenantOptions> = memory === 'static' ? { lists: 'static' } : {};
    const factory = ({
      principal: { scopes },
    }: {
      readonly principal: { readonly scopes: readonly string[] };
    }): McpServerLike => {
      const made = make(scopes);
      for (const change of this.#changes) change(made);
      this.#made.push(made);
      return serverOf(made);
    };
    this.tenant = new StatelessTenant(factory, {
      direct: path === 'directly',
      tessera,
      tenant: lists,
    });
  }

  /** Changes all servers there are, and those that will be made. */
  change(change: (made: Made) => void): void {
    this.#changes.push(change);
    for (const made of this.#made) change(made);
  }

  /** Asks so often that a server is kept, and that its list is remembered if that is what happens to it. */
  async warmUp(method: string): Promise<void> {
    for (let count = 0; count < 4; count += 1) await this.items(method);
  }

  /** What a list holds, as its caller sees it. */
  async items(
    method: string,
    { as = 'alice', params = {} }: { as?: Who; params?: object } = {},
  ): Promise<Listed> {
    const result = await this.result(method, { as, params });
    const items = Object.values(result).find((value) => Array.isArray(value)) as Listed | undefined;
    if (items === undefined) throw new Error(`Not a list: ${JSON.stringify(result)}`);
    return items;
  }

  /** The whole result, after a check that it is the answer to this very request. */
  async result(
    method: string,
    { as = 'alice', params = {} }: { as?: Who; params?: object } = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const message =
      this.#setting.path === 'in a session'
        ? await this.#askInSession(as, request(id, method, params))
        : (await this.tenant.ask({ method, params: { ...params }, as, id })).last;
    if (message?.id !== id || message.result === undefined)
      throw new Error(`Not it: ${JSON.stringify(message)}`);
    return message.result as Readonly<Record<string, unknown>>;
  }

  async names(method = 'tools/list', as: Who = 'alice'): Promise<unknown[]> {
    return (await this.items(method, { as })).map(({ name }) => name);
  }

  async description(name: string, method = 'tools/list'): Promise<unknown> {
    return (await this.items(method)).find((item) => item['name'] === name)?.['description'];
  }

  async #askInSession(as: Who, message: object): Promise<{ id?: unknown; result?: unknown } | undefined> {
    const token = this.tenant.tokens[as];
    const session = this.#sessions.get(as) ?? (await openSession(this.tenant.tessera, token));
    this.#sessions.set(as, session);
    return (await messagesOf(await this.tenant.tessera.handle(edgeRequest({ token, session, message })))).at(
      -1,
    );
  }
}
