import type { FetchHandler } from '@tessera-mcp/core';
import {
  DEFAULT_CAPABILITIES,
  type AdapterCapabilities,
  type AdapterUnderTest,
  type Mounted,
  type MountOptions,
} from './adapter-under-test.js';
import type { Client } from './client/client.js';
import { Http1Client } from './client/http1-client.js';
import { Http2Client } from './client/http2-client.js';
import { within } from './waiting.js';

/** An app of the adapter's framework with a client of it. */
export interface App extends Mounted {
  readonly client: Client;
}

/** Where a check runs: it mounts, makes clients, and ends what it has made. */
export class Bench {
  readonly capabilities: AdapterCapabilities;
  readonly #adapter: AdapterUnderTest;
  readonly #clients: Client[] = [];
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(adapter: AdapterUnderTest) {
    this.#adapter = adapter;
    this.capabilities = { ...DEFAULT_CAPABILITIES, ...adapter.capabilities };
  }

  /** Mounts a handler, by default at the root and with nothing in front that reads bodies. */
  async mount(mountable: FetchHandler, options: Partial<MountOptions> = {}): Promise<App> {
    const { prefix = '', parseBodies = false, before } = options;
    const mounted = await this.#adapter.mount(mountable, {
      prefix,
      parseBodies,
      before: { 'x-before': '1', ...before },
    });
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= mounted.close();
      // A check may not have come to waiting for it; the end of the bench does.
      closing.catch(() => undefined);
      return closing;
    };
    this.#closers.push(close);
    return { origin: mounted.origin, close, client: this.client(mounted.origin) };
  }

  /** Makes another client of an app, that speaks the adapter's protocol. */
  client(origin: string, { oneConnection = false }: { readonly oneConnection?: boolean } = {}): Client {
    const { protocol } = this.capabilities;
    const client =
      protocol === 'http2' ? new Http2Client(origin) : new Http1Client(origin, { oneConnection });
    this.#clients.push(client);
    return client;
  }

  /** Has something done when the check is over, after the clients have gone and before the apps close. */
  later(close: () => Promise<void>): void {
    this.#closers.unshift(close);
  }

  /** Ends everything. Rejects when an app does not close. */
  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    const closings = this.#closers.map((close) => within(close(), 'The end of the app'));
    for (const result of await Promise.allSettled(closings))
      if (result.status === 'rejected') throw result.reason;
  }
}
