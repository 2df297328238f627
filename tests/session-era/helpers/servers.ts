import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { CreateMessageResultSchema, ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { z } from 'zod';

import type { LogLevel, Stage } from './stage.js';

/** What a tool can do during a call, whichever SDK its server is made of. */
interface CallContext {
  readonly signal: AbortSignal;
  readonly progress: (progress: number) => Promise<void>;
  readonly log: (level: LogLevel, data: string) => Promise<void>;
  readonly elicit: (message: string) => Promise<unknown>;
  readonly elicitAside: (message: string) => Promise<unknown>;
  readonly sample: (text: string) => Promise<unknown>;
}

type Tool = (text: string, context: CallContext) => string | Promise<string>;

const SCHEMA = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
const INFO = { version: '1.0.0' };
const OPTIONS = { capabilities: { logging: {}, tools: { listChanged: true } } };

function toolsOf(stage: Stage): Record<string, Tool> {
  return {
    echo: (text) => text,
    whoami: () => stage.label,
    hold: (text, { signal }) => stage.hold(text, signal),
    steps: async (text, { progress }) => {
      await progress(1);
      await progress(2);
      return text;
    },
    holdWithProgress: async (text, { progress, signal }) => {
      await progress(1);
      return stage.hold(text, signal);
    },
    warn: async (text, { log }) => {
      await log('warning', text);
      return text;
    },
    logAll: async (text, { log }) => {
      await log('debug', `${text} debug`);
      await log('warning', `${text} warning`);
      await log('error', `${text} error`);
      return text;
    },
    ask: async (text, { elicit }) => JSON.stringify(await elicit(text)),
    askAside: async (text, { elicitAside }) => JSON.stringify(await elicitAside(text)),
    sample: async (text, { sample }) => JSON.stringify(await sample(text)),
  };
}

const answer = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});

const elicitation = (message: string): { message: string; requestedSchema: typeof SCHEMA } => ({
  message,
  requestedSchema: SCHEMA,
});

const sampling = (
  text: string,
): { messages: { role: 'user'; content: { type: 'text'; text: string } }[]; maxTokens: number } => ({
  messages: [{ role: 'user', content: { type: 'text', text } }],
  maxTokens: 10,
});

function makeV1(stage: Stage): McpServerLike {
  const server = new McpServerV1({ name: stage.label, ...INFO }, OPTIONS);
  for (const [name, tool] of Object.entries(toolsOf(stage))) {
    server.registerTool(name, { inputSchema: { text: z.string() } }, async ({ text }, extra) => {
      const progressToken = extra._meta?.progressToken;
      const context: CallContext = {
        signal: extra.signal,
        progress: async (progress) => {
          if (progressToken === undefined) return;
          await extra.sendNotification({
            method: 'notifications/progress',
            params: { progressToken, progress },
          });
        },
        log: (level, data) =>
          extra.sendNotification({ method: 'notifications/message', params: { level, data } }),
        elicit: (message) =>
          extra.sendRequest(
            { method: 'elicitation/create', params: { mode: 'form', ...elicitation(message) } },
            ElicitResultSchema,
          ),
        elicitAside: (message) => server.server.elicitInput(elicitation(message)),
        sample: (said) =>
          extra.sendRequest(
            { method: 'sampling/createMessage', params: sampling(said) },
            CreateMessageResultSchema,
          ),
      };
      return answer(await tool(text, context));
    });
  }
  stage.instances.push({
    server,
    grow: (name) => {
      server.registerTool(name, {}, () => answer(name));
    },
    log: (level, data) => server.sendLoggingMessage({ level, data }),
  });
  return server;
}

function makeV2(stage: Stage): McpServerLike {
  const server = new McpServerV2({ name: stage.label, ...INFO }, OPTIONS);
  for (const [name, tool] of Object.entries(toolsOf(stage))) {
    server.registerTool(name, { inputSchema: z.object({ text: z.string() }) }, async ({ text }, ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken;
      const context: CallContext = {
        signal: ctx.mcpReq.signal,
        progress: async (progress) => {
          if (progressToken === undefined) return;
          await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
        },
        log: (level, data) => ctx.mcpReq.notify({ method: 'notifications/message', params: { level, data } }),
        elicit: (message) =>
          ctx.mcpReq.send({
            method: 'elicitation/create',
            params: { mode: 'form', ...elicitation(message) },
          }),
        elicitAside: (message) => ctx.mcpReq.elicitInput(elicitation(message)),
        sample: (said) => ctx.mcpReq.send({ method: 'sampling/createMessage', params: sampling(said) }),
      };
      return answer(await tool(text, context));
    });
  }
  stage.instances.push({
    server,
    grow: (name) => {
      server.registerTool(name, {}, () => answer(name));
    },
    log: (level, data) => server.sendLoggingMessage({ level, data }),
  });
  return server;
}

/** One of the SDKs that servers are written with. */
export interface Sdk {
  readonly name: string;
  make(stage: Stage): McpServerLike;
}

export const SDK_V1: Sdk = { name: 'SDK v1', make: makeV1 };
export const SDK_V2: Sdk = { name: 'SDK v2', make: makeV2 };
