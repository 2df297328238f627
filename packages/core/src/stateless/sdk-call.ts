import type { JsonRpcResponse } from '../shared/json-rpc.js';
import type { McpServerLike } from '../shared/mcp-server.js';
import type { EngineCall, FactoryChoice } from './engine-parts.js';
import type { KeptServer } from './instances/kept-server.js';
import type { Sdk } from './sdk.js';
import type { ServerWish } from './server-building.js';

/** A request that the SDK's own handler serves. */
export interface SdkCall extends EngineCall {
  readonly sdk: Sdk;
  readonly wish: ServerWish;
  /** What its servers are kept by; undefined when none are. */
  readonly key: string | undefined;
  /** What went wrong while its server was made; the SDK only says that something did. */
  failure?: { readonly thrown: unknown };
  /** What the server has answered. */
  response?: JsonRpcResponse;
  choice?: FactoryChoice;
  /** A bridged server that was made for it, and has not been used yet. */
  own?: KeptServer | undefined;
  /** A server that was made for it alone. */
  fresh?: McpServerLike;
}
