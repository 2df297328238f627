import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike, TesseraOptions } from '@tessera-mcp/core';
import { z } from 'zod';

import { createWorld, IN_PROCESS, type World } from '../../helpers/world.js';
import { Desk } from './desk.js';

const INFO = { name: 'worker', version: '1.0.0' };
const OPTIONS = { capabilities: { logging: {} } };
const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };

const answer = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});

function makeV1(desk: Desk): McpServerLike {
  const server = new McpServerV1(INFO, OPTIONS);
  server.registerTool('work', { inputSchema: { text: z.string() } }, async ({ text }, extra) => {
    const progressToken = extra._meta?.progressToken ?? 'none';
    const done = await desk.work({
      text,
      signal: extra.signal,
      closeStream: extra.closeSSEStream,
      closeStandaloneStream: extra.closeStandaloneSSEStream,
      progress: (progress) =>
        extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress } }),
      log: (data) =>
        extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data } }),
      ask: (message) =>
        extra.sendRequest(
          { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema } },
          ElicitResultSchema,
        ),
    });
    return answer(done);
  });
  desk.servers.push({ say: (data) => server.sendLoggingMessage({ level: 'info', data }) });
  return server;
}

function makeV2(desk: Desk): McpServerLike {
  const server = new McpServerV2(INFO, OPTIONS);
  server.registerTool('work', { inputSchema: z.object({ text: z.string() }) }, async ({ text }, context) => {
    const { mcpReq, http } = context;
    const progressToken = mcpReq._meta?.progressToken ?? 'none';
    const done = await desk.work({
      text,
      signal: mcpReq.signal,
      closeStream: http?.closeSSE,
      closeStandaloneStream: http?.closeStandaloneSSE,
      progress: (progress) =>
        mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } }),
      log: (data) => mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } }),
      ask: (message) =>
        mcpReq.send({ method: 'elicitation/create', params: { mode: 'form', message, requestedSchema } }),
    });
    return answer(done);
  });
  desk.servers.push({ say: (data) => server.sendLoggingMessage({ level: 'info', data }) });
  return server;
}

/** Makes servers of one SDK that do what a desk tells them. */
export interface WorkingSdk {
  readonly name: string;
  readonly make: (desk: Desk) => McpServerLike;
}

/** Servers of SDK v1, for what does not depend on the SDK. */
export const WORKING_V1: WorkingSdk = { name: 'SDK v1', make: makeV1 };

export const WORKING_SDKS: readonly WorkingSdk[] = [WORKING_V1, { name: 'SDK v2', make: makeV2 }];

/** A world in process whose tenant `acme` has servers that do what its desk tells them. */
export interface WorkingWorld {
  readonly world: World;
  readonly desk: Desk;
}

/** Makes such a world; it is closed after the test. */
export async function createWorkingWorld(
  sdk: WorkingSdk,
  options: TesseraOptions = {},
): Promise<WorkingWorld> {
  const desk = new Desk();
  const world = await createWorld(IN_PROCESS, options, { server: () => sdk.make(desk) });
  return { world, desk };
}
