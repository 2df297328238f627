import {
  McpServer as McpServerV1,
  ResourceTemplate as TemplateV1,
} from '@modelcontextprotocol/sdk/server/mcp.js';
import { Server as LowLevelV1 } from '@modelcontextprotocol/sdk/server/index.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import {
  McpServer as McpServerV2,
  ResourceTemplate as TemplateV2,
  Server as LowLevelV2,
} from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { SDK_V1, type Sdk } from '../../session-era/helpers/servers.js';

/** What servers here say of everything that may be cached: everybody may have it, for an hour. */
export const PUBLIC = { ttlMs: 3_600_000, cacheScope: 'public' as const };

/** A tool result that looks like a hint and is none. */
export const LOOKS_LIKE_A_HINT: string = JSON.stringify({ ttlMs: 1, cacheScope: 'public' });

export const NEWS = 'news://today';

const INFO = { name: 'news', version: '1.0.0' };
const HINTED = [
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
];

const saying = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});
const prompting = (): { messages: { role: 'user'; content: { type: 'text'; text: string } }[] } => ({
  messages: [{ role: 'user', content: { type: 'text', text: 'Good morning.' } }],
});

/** A low-level handler of SDK v1, wrapped so that its result carries the hint. */
type Handler = (...given: unknown[]) => Promise<object>;

function makeV1(label: string): McpServerLike {
  const server = new McpServerV1(INFO);
  server.registerTool('hint', {}, () => saying(LOOKS_LIKE_A_HINT));
  server.registerTool(`of_${label}`, {}, () => saying(label));
  server.registerPrompt('greet', {}, prompting);
  const read = (uri: URL): { contents: { uri: string; text: string }[] } => ({
    ...PUBLIC,
    contents: [{ uri: uri.href, text: label }],
  });
  server.registerResource('news', NEWS, {}, read);
  server.registerResource('archive', new TemplateV1('news://{day}', { list: undefined }), {}, read);
  const handlers = (server.server as unknown as { _requestHandlers: Map<string, Handler> })._requestHandlers;
  for (const method of HINTED) {
    const handler = handlers.get(method);
    if (handler !== undefined) {
      handlers.set(method, async (...given) => ({ ...(await handler(...given)), ...PUBLIC }));
    }
  }
  return server;
}

function makeV2(label: string): McpServerLike {
  const cacheHints = Object.fromEntries([...HINTED, 'resources/read'].map((method) => [method, PUBLIC]));
  const server = new McpServerV2(INFO, { cacheHints });
  server.registerTool('hint', {}, () => saying(LOOKS_LIKE_A_HINT));
  server.registerTool(`of_${label}`, {}, () => saying(label));
  server.registerPrompt('greet', {}, prompting);
  const read = (uri: URL): { contents: { uri: string; text: string }[] } => ({
    contents: [{ uri: uri.href, text: label }],
  });
  server.registerResource('news', NEWS, { cacheHint: PUBLIC }, read);
  server.registerResource('archive', new TemplateV2('news://{day}', { list: undefined }), {}, read);
  return server;
}

/** Makes a server of an SDK that wants everything it says to be cached for everybody. */
export const makeCacheable = (sdk: Sdk, label: string): McpServerLike =>
  sdk === SDK_V1 ? makeV1(label) : makeV2(label);

/** The same without the high-level part of its SDK, and with a list of tools only. */
export function makeCacheableLowLevel(sdk: Sdk, label: string): McpServerLike {
  const tools = [{ name: `of_${label}`, inputSchema: { type: 'object' as const } }];
  const options = { capabilities: { tools: {} } };
  if (sdk === SDK_V1) {
    const server = new LowLevelV1(INFO, options);
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools, ...PUBLIC }));
    return server;
  }
  const server = new LowLevelV2(INFO, options);
  server.setRequestHandler('tools/list', () => ({ tools, ...PUBLIC }));
  return server;
}
