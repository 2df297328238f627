import { completable as completableV1 } from '@modelcontextprotocol/sdk/server/completable.js';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  ListRootsResultSchema,
  RootsListChangedNotificationSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { completable as completableV2, McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { z } from 'zod';

import { SDK_V1, type Sdk } from './servers.js';

export const WEATHER = 'weather://today';

/** What a test does to a server from outside of a call, and what the server has noticed. */
export interface FullInstance {
  readonly subscriptions: Set<string>;
  /** What the client said its roots are, each time they changed. */
  readonly heardRoots: string[][];
  elicit(message: string): Promise<unknown>;
  touch(uri: string): Promise<void>;
}

/** The instances of a server that asks, tells, completes and has things to subscribe to. */
export class FullStage {
  readonly instances: FullInstance[] = [];

  newest(): FullInstance {
    const instance = this.instances.at(-1);
    if (instance === undefined) throw new Error('No server was made.');
    return instance;
  }
}

interface Roots {
  readonly roots: readonly { readonly uri: string }[];
}

const INFO = { name: 'full', version: '1.0.0' };
const OPTIONS = { capabilities: { logging: {}, resources: { subscribe: true } } };
const CITIES = ['Aachen', 'Aarhus', 'Berlin'];

const citiesLike = (typed: string): string[] => CITIES.filter((city) => city.startsWith(typed));
const urisOf = ({ roots }: Roots): string[] => roots.map(({ uri }) => uri);
const answer = (uris: string[]): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: uris.join(' ') }],
});
const forecast = (
  city: string,
): { messages: { role: 'user'; content: { type: 'text'; text: string } }[] } => ({
  messages: [{ role: 'user', content: { type: 'text', text: city } }],
});
const reading = (uri: URL): { contents: { uri: string; text: string }[] } => ({
  contents: [{ uri: uri.href, text: 'rain' }],
});
const form = (
  message: string,
): { message: string; requestedSchema: { type: 'object'; properties: object } } => ({
  message,
  requestedSchema: { type: 'object', properties: {} },
});

function makeV1(stage: FullStage): McpServerLike {
  const mcp = new McpServerV1(INFO, OPTIONS);
  const { server } = mcp;
  const subscriptions = new Set<string>();
  const heardRoots: string[][] = [];
  mcp.registerTool('roots', {}, async (extra) =>
    answer(urisOf(await extra.sendRequest({ method: 'roots/list' }, ListRootsResultSchema))),
  );
  mcp.registerTool('rootsAside', {}, async () => answer(urisOf(await server.listRoots())));
  mcp.registerResource('weather', WEATHER, {}, reading);
  const argsSchema = { city: completableV1(z.string(), citiesLike) };
  mcp.registerPrompt('forecast', { argsSchema }, ({ city }) => forecast(city));
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscriptions.add(params.uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscriptions.delete(params.uri);
    return {};
  });
  server.setNotificationHandler(RootsListChangedNotificationSchema, async () => {
    heardRoots.push(urisOf(await server.listRoots()));
  });
  stage.instances.push({
    subscriptions,
    heardRoots,
    elicit: (message) => server.elicitInput(form(message) as Parameters<typeof server.elicitInput>[0]),
    touch: async (uri) => {
      if (subscriptions.has(uri)) await server.sendResourceUpdated({ uri });
    },
  });
  return mcp;
}

function makeV2(stage: FullStage): McpServerLike {
  const mcp = new McpServerV2(INFO, OPTIONS);
  const { server } = mcp;
  const subscriptions = new Set<string>();
  const heardRoots: string[][] = [];
  mcp.registerTool('roots', {}, async ({ mcpReq }) =>
    answer(urisOf(await mcpReq.send({ method: 'roots/list' }))),
  );
  mcp.registerTool('rootsAside', {}, async () => answer(urisOf(await server.listRoots())));
  mcp.registerResource('weather', WEATHER, {}, reading);
  const argsSchema = z.object({ city: completableV2(z.string(), citiesLike) });
  mcp.registerPrompt('forecast', { argsSchema }, ({ city }) => forecast(city));
  server.setRequestHandler('resources/subscribe', ({ params }) => {
    subscriptions.add(params.uri);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    subscriptions.delete(params.uri);
    return {};
  });
  server.setNotificationHandler('notifications/roots/list_changed', async () => {
    heardRoots.push(urisOf(await server.listRoots()));
  });
  stage.instances.push({
    subscriptions,
    heardRoots,
    elicit: (message) => server.elicitInput(form(message) as Parameters<typeof server.elicitInput>[0]),
    touch: async (uri) => {
      if (subscriptions.has(uri)) await server.sendResourceUpdated({ uri });
    },
  });
  return mcp;
}

/** Makes a server of an SDK that has everything a session can be used for. */
export function makeFullServer(sdk: Sdk, stage: FullStage): McpServerLike {
  return sdk === SDK_V1 ? makeV1(stage) : makeV2(stage);
}
