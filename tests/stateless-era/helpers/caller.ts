import { expect } from 'vitest';
import { textOf, type Id, type Message } from '../../session-era/helpers/messages.js';
import { headersOf } from '../../session-era/helpers/session.js';
import { answerOf, EventReader } from '../../session-era/helpers/streams.js';
import type { World } from '../../session-era/helpers/world.js';
import { selfDescribing, type Asked, type ClientIdentity } from './envelope.js';

/** What a listen stream is to tell of. */
export interface ListenFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
}

/** What may differ in one request. */
export interface AskOptions {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly meta?: Readonly<Record<string, unknown>>;
}

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

/** A client of the stateless era, whose requests are written by hand. */
export class StatelessCaller {
  readonly world: Pick<World, 'send'>;
  readonly token: string;
  readonly identity: ClientIdentity;

  constructor(world: Pick<World, 'send'>, token: string, identity: ClientIdentity = {}) {
    this.world = world;
    this.token = token;
    this.identity = identity;
  }

  /** Sends a request. */
  send(asked: Asked, { headers = {}, signal }: Omit<AskOptions, 'meta'> = {}): Promise<Response> {
    const described = selfDescribing(asked, this.identity);
    return this.world.send({
      body: JSON.stringify(described.message),
      headers: headersOf({ token: this.token, headers: { ...described.headers, ...headers } }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  ask(
    id: Id,
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    options: AskOptions = {},
  ): Promise<Response> {
    const { meta = {}, ...others } = options;
    return this.send({ id, method, params, meta }, others);
  }

  /** Calls a tool of the test servers. */
  call(id: Id, tool: string, text = '', options: AskOptions = {}): Promise<Response> {
    return this.ask(id, 'tools/call', { name: tool, arguments: { text } }, options);
  }

  /** Calls a tool, and gives the text of its result. */
  async textOf(id: Id, tool: string, text = ''): Promise<string | undefined> {
    return textOf(await answerOf(await this.call(id, tool, text)));
  }

  /** The answer to a request. */
  async answer(
    id: Id,
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    options: AskOptions = {},
  ): Promise<Message> {
    return answerOf(await this.ask(id, method, params, options));
  }

  /** The names of the tools it sees. */
  async tools(id: Id = 'tools'): Promise<string[]> {
    const { result } = await this.answer(id, 'tools/list');
    return (result?.tools ?? []).map(({ name }) => name);
  }

  /** Uses a server so often that the next call finds everything prepared. */
  async warmUp(): Promise<void> {
    await this.tools('warm up');
    for (const turn of ['once', 'twice']) expect(await this.textOf('warm up', 'echo', turn)).toBe(turn);
  }

  /** Opens a stream of changes, and waits until it is acknowledged. */
  async listen(
    filter: ListenFilter = { toolsListChanged: true },
    id: Id = 'listen',
    options: AskOptions = {},
  ): Promise<EventReader> {
    const response = await this.ask(id, 'subscriptions/listen', { notifications: filter }, options);
    if (response.status !== 200) {
      throw new Error(`Listening was answered with ${String(response.status)} ${await response.text()}.`);
    }
    const reader = new EventReader(response);
    await reader.untilMethod(ACKNOWLEDGED);
    return reader;
  }
}
