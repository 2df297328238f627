import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { McpServerLike } from '@tessera-mcp/core';
import { z } from 'zod';

/** What became of the calls that asked. */
export class AskingLog {
  readonly lines: string[] = [];
  readonly signals: AbortSignal[] = [];
}

const FORM = {
  mode: 'form' as const,
  message: 'What is your name?',
  requestedSchema: { type: 'object' as const, properties: { name: { type: 'string' as const } } },
};

const saying = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});

/** Makes a server of SDK v1 whose tools ask the user in the middle of a call, and say whether they could go on. */
export function makeAsking(log: AskingLog): McpServerLike {
  const server = new McpServer({ name: 'asking', version: '1.0.0' });
  const inputSchema = { text: z.string() };
  server.registerTool('echo', { inputSchema }, ({ text }) => saying(text));
  server.registerTool('ask', { inputSchema }, async ({ text }, { signal, sendRequest }) => {
    log.lines.push(`asks ${text}`);
    log.signals.push(signal);
    try {
      const answer = await sendRequest({ method: 'elicitation/create', params: FORM }, ElicitResultSchema);
      log.lines.push(`goes on ${text}`);
      return saying(JSON.stringify({ text, ...answer }));
    } catch (thrown) {
      log.lines.push(`cannot ask ${text}`);
      throw thrown;
    }
  });
  server.registerTool('askTwice', { inputSchema }, async () => {
    const names: unknown[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const { content } = await server.server.elicitInput(FORM);
      names.push(content?.['name']);
    }
    return saying(names.join(', '));
  });
  return server;
}
