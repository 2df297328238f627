import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { z } from 'zod';

/** What a tool gets, whichever SDK its server is made of. */
export interface ToolContext {
  readonly text: string;
  readonly signal: AbortSignal;
  readonly progress: (progress: number) => Promise<void>;
}

/** The tools of a server, by name. */
type Tools = Readonly<Record<string, (context: ToolContext) => string | Promise<string>>>;

/** One of the SDKs that servers are written with. */
export interface Sdk {
  readonly name: string;
  readonly make: (name: string, tools: Tools) => McpServerLike;
}

const answer = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});

const SHAPE = { text: z.string().optional() };

export const SDK_V1: Sdk = {
  name: 'SDK v1',
  make: (name, tools) => {
    const server = new McpServerV1({ name, version: '1.0.0' });
    for (const [tool, call] of Object.entries(tools)) {
      server.registerTool(tool, { inputSchema: SHAPE }, async ({ text = '' }, extra) => {
        const progress = async (done: number): Promise<void> => {
          const params = { progressToken: extra._meta?.progressToken ?? '', progress: done };
          await extra.sendNotification({ method: 'notifications/progress', params });
        };
        return answer(await call({ text, signal: extra.signal, progress }));
      });
    }
    return server;
  },
};

export const SDK_V2: Sdk = {
  name: 'SDK v2',
  make: (name, tools) => {
    const server = new McpServerV2({ name, version: '1.0.0' });
    for (const [tool, call] of Object.entries(tools)) {
      server.registerTool(tool, { inputSchema: z.object(SHAPE) }, async ({ text = '' }, { mcpReq }) => {
        const progress = async (done: number): Promise<void> => {
          const params = { progressToken: mcpReq._meta?.progressToken ?? '', progress: done };
          await mcpReq.notify({ method: 'notifications/progress', params });
        };
        return answer(await call({ text, signal: mcpReq.signal, progress }));
      });
    }
    return server;
  },
};

export const SDKS: readonly Sdk[] = [SDK_V1, SDK_V2];
