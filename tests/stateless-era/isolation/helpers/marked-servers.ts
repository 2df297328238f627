import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SubscribeRequestSchema, UnsubscribeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike, ServerFactoryContext } from '@tessera-mcp/core';
import { z } from 'zod';

/** A resource that every tenant has under the same address. */
export const HERE = 'secret://here';

/** What a tool can do, whichever SDK its server is made of. */
interface Telling {
  readonly text: string;
  /** The tenant of the call, as its handler is told. */
  readonly caller: string | undefined;
  readonly progress: (message: string) => Promise<void>;
}

/** What a marked server is made for. */
export interface Marked {
  /** A text that no other tenant has. */
  readonly marker: string;
  readonly context: Pick<ServerFactoryContext, 'tenantId'>;
}

const CAPABILITIES = {
  logging: {},
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
};
const SHAPE = { text: z.string().optional() };

const saying = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const toolsOf = ({
  marker,
  context,
}: Marked): Record<string, (telling: Telling) => string | Promise<string>> => ({
  reveal: ({ text, caller }) => JSON.stringify({ marker, builtFor: context.tenantId, caller, text }),
  linger: async ({ text, progress }) => {
    for (let step = 0; step < 3; step += 1) {
      await turn();
      await progress(`${marker} ${String(step)}`);
    }
    return `${marker} ${text}`;
  },
  throw: () => {
    throw new Error(`Thrown by ${marker}.`);
  },
  [`own_${marker}`]: () => marker,
});

const reading = (uri: URL, marker: string): { contents: { uri: string; text: string }[] } => ({
  contents: [{ uri: uri.href, text: marker }],
});

const prompting = (
  text: string,
): { messages: { role: 'user'; content: { type: 'text'; text: string } }[] } => ({
  messages: [{ role: 'user', content: { type: 'text', text } }],
});

/** Makes a server of SDK v1 of which everything tells whose it is. */
export function makeMarkedV1(marked: Marked): McpServerLike {
  const { marker } = marked;
  const server = new McpServerV1(
    { name: marker, version: '1.0.0' },
    { capabilities: CAPABILITIES, instructions: `Instructions of ${marker}.` },
  );
  for (const [name, tool] of Object.entries(toolsOf(marked))) {
    const config = { description: `${name} of ${marker}`, inputSchema: SHAPE };
    server.registerTool(name, config, async ({ text = '' }, extra) => {
      const progressToken = extra._meta?.progressToken;
      let told = 0;
      const progress = async (message: string): Promise<void> => {
        if (progressToken === undefined) return;
        told += 1;
        const params = { progressToken, progress: told, message };
        await extra.sendNotification({ method: 'notifications/progress', params });
      };
      return saying(await tool({ text, caller: extra.authInfo?.clientId, progress }));
    });
  }
  server.registerTool('grow', {}, () => {
    server.registerTool('grown', {}, () => saying(marker));
    return saying('grown');
  });
  server.registerResource('here', HERE, {}, (uri) => reading(uri, marker));
  server.registerResource('own', `secret://${marker}`, {}, (uri) => reading(uri, marker));
  server.registerPrompt('whose', {}, () => prompting(marker));
  server.server.setRequestHandler(SubscribeRequestSchema, () => ({}));
  server.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
  return server;
}

/** Makes a server of SDK v2 of which everything tells whose it is. */
export function makeMarkedV2(marked: Marked): McpServerLike {
  const { marker } = marked;
  const server = new McpServerV2(
    { name: marker, version: '1.0.0' },
    { capabilities: CAPABILITIES, instructions: `Instructions of ${marker}.` },
  );
  for (const [name, tool] of Object.entries(toolsOf(marked))) {
    const config = { description: `${name} of ${marker}`, inputSchema: z.object(SHAPE) };
    server.registerTool(name, config, async ({ text = '' }, { mcpReq, http }) => {
      const progressToken = mcpReq._meta?.progressToken;
      let told = 0;
      const progress = async (message: string): Promise<void> => {
        if (progressToken === undefined) return;
        told += 1;
        const params = { progressToken, progress: told, message };
        await mcpReq.notify({ method: 'notifications/progress', params });
      };
      return saying(await tool({ text, caller: http?.authInfo?.clientId, progress }));
    });
  }
  server.registerTool('grow', {}, () => {
    server.registerTool('grown', {}, () => saying(marker));
    return saying('grown');
  });
  server.registerResource('here', HERE, {}, (uri) => reading(uri, marker));
  server.registerResource('own', `secret://${marker}`, {}, (uri) => reading(uri, marker));
  server.registerPrompt('whose', {}, () => prompting(marker));
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
  return server;
}
