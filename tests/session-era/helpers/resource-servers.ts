import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { Sdk } from './servers.js';

/** What one server instance knows of its client. */
export interface KnownClient {
  /** The resources it was asked to watch, in the order it heard of them. */
  readonly subscribed: string[];
  /** The log levels it was told, in the order it heard of them. Core alone heeds them, for these servers do not. */
  readonly levels: string[];
  /** How often it heard that the client is initialized. */
  initialized: number;
  name(): string | undefined;
  capabilities(): object | undefined;
}

/** The address of a resource that no server lets anybody watch. */
export const UNWATCHED = 'test://unwatched';

/**
 * Servers as `sdk` makes them, whose clients can subscribe to resources too.
 *
 * @param known gets what each instance knows, in the order they were made
 */
export function withSubscriptions(sdk: Sdk, known: KnownClient[]): Sdk {
  return {
    name: sdk.name,
    make: (stage) => {
      const server = sdk.make(stage);
      if (!(server instanceof McpServerV1 || server instanceof McpServerV2)) {
        throw new Error('Such a server is not known here.');
      }
      const { server: inner } = server;
      const subscribed: string[] = [];
      const levels: string[] = [];
      const setLevel = (level: string): object => {
        levels.push(level);
        return {};
      };
      const subscribe = (uri: string): object => {
        if (uri === UNWATCHED) throw new Error('This resource cannot be watched.');
        subscribed.push(uri);
        return {};
      };
      const client: KnownClient = {
        subscribed,
        levels,
        initialized: 0,
        name: () => inner.getClientVersion()?.name,
        capabilities: () => inner.getClientCapabilities(),
      };
      known.push(client);
      inner.oninitialized = () => {
        client.initialized += 1;
      };
      inner.registerCapabilities({ resources: { subscribe: true } });
      if (server instanceof McpServerV1) {
        server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => subscribe(params.uri));
        server.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
        server.server.setRequestHandler(SetLevelRequestSchema, ({ params }) => setLevel(params.level));
      } else {
        server.server.setRequestHandler('resources/subscribe', ({ params }) => subscribe(params.uri));
        server.server.setRequestHandler('resources/unsubscribe', () => ({}));
        server.server.setRequestHandler('logging/setLevel', ({ params }) => setLevel(params.level));
      }
      return server;
    },
  };
}

/** Has a server ask its client something outside of any call. */
export async function askOutsideOfCalls(
  { server }: { readonly server: unknown },
  message: string,
): Promise<unknown> {
  const { server: inner } = server as McpServerV1;
  const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
  return inner.elicitInput({ message, requestedSchema });
}
