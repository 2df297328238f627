import { connectionClosed } from '../errors/json-rpc-errors.js';
import { closeQuietly } from '../servers/server-maker.js';
import { RequestView } from '../servers/message-extra.js';
import { authInfoOf } from '../shared/caller.js';
import type { JsonRpcResponse } from '../shared/json-rpc.js';
import type { McpServerLike } from '../shared/mcp-server.js';
import { attendProduct } from './attend-product.js';
import { clientKey } from './client-key.js';
import { deniedView } from './denied-view.js';
import type { EngineCall } from './engine-parts.js';
import { clientOf, type ClientIdentity } from './envelope.js';
import type { ChangeBus } from './listens/change-bus.js';
import type { ListenStreams } from './listens/listen-streams.js';
import type { SdkCall } from './sdk-call.js';
import { SdkProducts, type SdkProductsParts } from './sdk-products.js';
import type { Sdk } from './sdk.js';

/** What the SDK's own handler works with here. */
export interface SdkPathParts extends SdkProductsParts {
  readonly listens: ListenStreams;
  readonly bus: ChangeBus;
}

const UNKNOWN_CLIENT: ClientIdentity = { info: undefined, capabilities: {} };
const SHOWN_HEADERS = ['www-authenticate', 'allow'];

/**
 * The way through the SDK's own handler: for requests that are not plain, for errors, for streams of changes, and for
 * everything where the fast path is switched off. Each request gets a handler of its own, so that ending one ends no other.
 */
export class SdkPath {
  readonly #parts: SdkPathParts;
  readonly #products: SdkProducts;

  constructor(parts: SdkPathParts) {
    this.#parts = parts;
    this.#products = new SdkProducts(parts);
  }

  async serve(sdk: Sdk, given: EngineCall): Promise<void> {
    const { caller } = given;
    // Of a notification nobody has checked what its client says of itself.
    const client = given.call.request === undefined ? UNKNOWN_CLIENT : clientOf(given.body);
    const serving: SdkCall = {
      ...given,
      sdk,
      key: clientKey(caller, client),
      wish: {
        principal: caller.principal,
        makeServer: caller.makeServer,
        client,
        extra: { authInfo: authInfoOf(caller.principal) },
      },
    };
    try {
      await this.#answer(serving);
    } finally {
      // What was made for the request and not needed for it is there for others, or closed.
      serving.own?.release();
      if (serving.fresh !== undefined) closeQuietly(serving.fresh);
    }
  }

  async #answer(serving: SdkCall): Promise<void> {
    const { call, caller, request } = serving;
    const isListen = call.request?.method === 'subscriptions/listen';
    const place = isListen ? this.#parts.listens.admit(caller.principal) : undefined;
    let isOpen = false;
    try {
      const handler = this.#handlerFor(serving);
      const { view, body } = deniedView(call, new RequestView(request, call.signal), serving.body);
      const response = await handler.fetch(view as unknown as Request, {
        authInfo: caller.authInfo,
        parsedBody: body,
      });
      if (serving.failure !== undefined) throw serving.failure.thrown;
      const isStream = response.headers.get('content-type') === 'text/event-stream';
      if (!isStream || response.body === null) await this.#take(serving, response);
      else if (place === undefined) await this.#relay(serving, response.body);
      else if (call.over) await response.body.cancel();
      else {
        const source = { body: response.body, end: () => handler.close() };
        call.answerWith(this.#parts.listens.open(place, source));
        isOpen = true;
      }
    } finally {
      if (!isOpen) place?.release();
    }
  }

  #handlerFor(serving: SdkCall): ReturnType<Sdk['createMcpHandler']> {
    return serving.sdk.createMcpHandler(() => this.#product(serving) as Promise<never>, {
      legacy: 'reject',
      bus: this.#parts.bus.of(serving.caller.principal.subject),
      maxSubscriptions: Infinity,
      keepAliveMs: 0,
    });
  }

  async #take(serving: SdkCall, response: Response): Promise<void> {
    const { call } = serving;
    const text = await response.text();
    if (call.over) return;
    // The server has closed itself: the SDK takes it for a client that has gone.
    if (response.status === 499) {
      call.settle(connectionClosed(call.id ?? 0));
      return;
    }
    const headers: Record<string, string> = {};
    for (const name of SHOWN_HEADERS) {
      const value = response.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    const body = call.shaped?.denied === true && serving.response === undefined ? shownAs(call, text) : text;
    call.take({ status: response.status, headers, body }, serving.response);
  }

  async #relay(serving: SdkCall, body: ReadableStream<Uint8Array>): Promise<void> {
    const { call } = serving;
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (call.over) {
        await reader.cancel();
        return;
      }
      call.relay(value);
    }
    call.endRelay(serving.response);
  }

  /** The server that the SDK serves the request with. */
  async #product(serving: SdkCall): Promise<McpServerLike> {
    try {
      const product = await this.#products.choose(serving);
      attendProduct(product, serving, this.#parts);
      return product;
    } catch (thrown) {
      serving.failure = { thrown };
      throw thrown;
    }
  }
}

/** An error about a tool that the caller may not use, in the words of one about a tool that there is none of. */
function shownAs({ shaped }: EngineCall['call'], text: string): string {
  if (shaped === undefined || text === '') return text;
  return JSON.stringify(shaped.response(JSON.parse(text) as JsonRpcResponse));
}
