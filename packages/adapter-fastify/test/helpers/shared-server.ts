import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import type { FastifyInstance } from 'fastify';
import { vi } from 'vitest';
import { z } from 'zod';
import FastifyMcpServer, { type FastifyMcpServerOptions } from '../../src/index.js';
import { listen, makeApp } from './apps.js';
import { Stage, type CallContext } from './stage.js';

/** The two SDKs, and the two objects of each that users pass. */
export const FLAVOURS = ['McpServer v1', 'Server v1', 'McpServer v2', 'Server v2'] as const;

export type Flavour = (typeof FLAVOURS)[number];

/** A server, what happens in it, and what it can do outside of a call. */
export interface SharedServer {
  /** What is passed to the plugin. */
  readonly server: McpServerLike;
  readonly stage: Stage;
  /** How often the server was closed, by anybody. */
  readonly timesClosed: () => number;
  /** A request to a client that belongs to no call. */
  readonly ping: () => Promise<unknown>;
  readonly addTool: (name: string) => void;
  readonly resourceUpdated: (uri: string) => Promise<void>;
}

const INFO = { name: 'shared', version: '1.0.0' };
const CAPABILITIES = { resources: { subscribe: true, listChanged: true } };
const REQUESTED = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
const SAMPLING = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'Who are you?' } }],
  maxTokens: 10,
};

/** Makes a server whose tools report to its stage. */
export function makeShared(flavour: Flavour, stage: Stage = new Stage()): SharedServer {
  return flavour.endsWith('v1') ? makeV1(flavour, stage) : makeV2(flavour, stage);
}

/** Serves one instance to all sessions of an app. */
export async function serveShared(
  flavour: Flavour,
  options: Omit<FastifyMcpServerOptions, 'server'> = {},
): Promise<SharedServer & { app: FastifyInstance; url: string }> {
  const shared = makeShared(flavour);
  const app = makeApp();
  await app.register(FastifyMcpServer, { ...options, server: shared.server });
  return { ...shared, app, url: `${await listen(app)}/mcp` };
}

function makeV1(flavour: Flavour, stage: Stage): SharedServer {
  const mcp = new McpServerV1(INFO, { capabilities: CAPABILITIES });
  for (const [name, tool] of stage.tools) {
    mcp.registerTool(name, { inputSchema: { text: z.string() } }, async ({ text }, extra) => {
      const { signal, authInfo, sendRequest } = extra;
      const context: CallContext = {
        signal,
        authInfo,
        ask: {
          elicit: (message) =>
            sendRequest(
              { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema: REQUESTED } },
              ElicitResultSchema,
            ),
          sample: () =>
            sendRequest({ method: 'sampling/createMessage', params: SAMPLING }, CreateMessageResultSchema),
        },
        progress: async (progress) => {
          const progressToken = extra._meta?.progressToken ?? 'none';
          await extra.sendNotification({
            method: 'notifications/progress',
            params: { progressToken, progress },
          });
        },
      };
      return answer(await tool(text, context));
    });
  }
  mcp.server.setRequestHandler(SubscribeRequestSchema, () => ({}));
  mcp.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
  const timesClosed = watchClosing(mcp, mcp.server);
  return {
    server: flavour === 'McpServer v1' ? mcp : mcp.server,
    stage,
    timesClosed,
    ping: () => mcp.server.ping(),
    addTool: (name) => {
      mcp.registerTool(name, {}, () => answer(name));
    },
    resourceUpdated: (uri) => mcp.server.sendResourceUpdated({ uri }),
  };
}

function makeV2(flavour: Flavour, stage: Stage): SharedServer {
  const mcp = new McpServerV2(INFO, { capabilities: CAPABILITIES });
  for (const [name, tool] of stage.tools) {
    mcp.registerTool(name, { inputSchema: z.object({ text: z.string() }) }, async ({ text }, ctx) => {
      const { mcpReq } = ctx;
      const context: CallContext = {
        signal: mcpReq.signal,
        authInfo: ctx.http?.authInfo,
        ask: {
          elicit: (message) =>
            mcpReq.send({ method: 'elicitation/create', params: { message, requestedSchema: REQUESTED } }),
          sample: () => mcpReq.send({ method: 'sampling/createMessage', params: SAMPLING }),
          elicitInput: (message) => mcpReq.elicitInput({ message, requestedSchema: REQUESTED }),
          requestSampling: () => mcpReq.requestSampling(SAMPLING),
        },
        progress: async (progress) => {
          const progressToken = mcpReq._meta?.progressToken ?? 'none';
          await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
        },
      };
      return answer(await tool(text, context));
    });
  }
  mcp.server.setRequestHandler('resources/subscribe', () => ({}));
  mcp.server.setRequestHandler('resources/unsubscribe', () => ({}));
  const timesClosed = watchClosing(mcp, mcp.server);
  return {
    server: flavour === 'McpServer v2' ? mcp : mcp.server,
    stage,
    timesClosed,
    ping: () => mcp.server.ping(),
    addTool: (name) => {
      mcp.registerTool(name, {}, () => answer(name));
    },
    resourceUpdated: (uri) => mcp.server.sendResourceUpdated({ uri }),
  };
}

function answer(text: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text }] };
}

function watchClosing(mcp: McpServerLike, server: McpServerLike & { onclose?: () => void }): () => number {
  const onclose = vi.fn();
  server.onclose = onclose;
  const spies = [vi.spyOn(mcp, 'close'), vi.spyOn(server, 'close'), onclose];
  return () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
}
