import { setTimeout as wait } from 'node:timers/promises';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import { z } from 'zod';

const numbers = { a: z.number(), b: z.number() };
const time = z.object({ zone: z.string() });

interface TextResult {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
}

function text(value: string): TextResult {
  return { content: [{ type: 'text', text: value }] };
}

/** Arithmetic, written with SDK v1. */
export function createMathServer(): McpServerV1 {
  const server = new McpServerV1({ name: 'math-tools', version: '1.0.0' });
  server.registerTool('add', { description: 'Adds two numbers', inputSchema: numbers }, ({ a, b }) =>
    text(String(a + b)),
  );
  return server;
}

/** What the math tenant gets with its bigger plan. */
export function createBiggerMathServer(): McpServerV1 {
  const server = new McpServerV1({ name: 'math-tools-plus', version: '2.0.0' });
  server.registerTool('add', { description: 'Adds two numbers', inputSchema: numbers }, ({ a, b }) =>
    text(String(a + b)),
  );
  server.registerTool(
    'multiply',
    { description: 'Multiplies two numbers', inputSchema: numbers },
    ({ a, b }) => text(String(a * b)),
  );
  return server;
}

/** A clock, written with SDK v2; `onSleep` is told when somebody begins to sleep. */
export function createTimeServer(onSleep?: () => void): McpServerV2 {
  const server = new McpServerV2({ name: 'time-tools', version: '1.0.0' });
  server.registerTool(
    'year-of-epoch',
    { description: 'The year in which Unix time begins', inputSchema: time },
    ({ zone }) => text(new Date(0).toLocaleString('en', { timeZone: zone, year: 'numeric' })),
  );
  server.registerTool('sleep', { description: 'Waits for 30 seconds' }, async (ctx) => {
    onSleep?.();
    await wait(30_000, undefined, { signal: ctx.mcpReq.signal });
    return text('awake');
  });
  return server;
}

/**
 * A small store with data of its own for each server, written with SDK v1 and handed over as low-level server. It asks before
 * it erases.
 */
export function createDataServer(): McpServerV1['server'] {
  const stored = new Map([['greeting', 'hello']]);
  const server = new McpServerV1({ name: 'data-tools', version: '1.0.0' });
  server.registerTool('read', { description: 'Reads a value', inputSchema: { key: z.string() } }, ({ key }) =>
    text(stored.get(key) ?? 'nothing'),
  );
  server.registerTool('erase', { description: 'Erases all values, if the caller is sure' }, async () => {
    const { content } = await server.server.elicitInput({
      message: `Erase ${String(stored.size)} value?`,
      requestedSchema: { type: 'object', properties: { sure: { type: 'boolean' } } },
    });
    if (content?.['sure'] === true) stored.clear();
    return text(`${String(stored.size)} values left`);
  });
  return server.server;
}

/** A tenant that joins while the server runs. */
export function createGuestServer(): McpServerV1 {
  const server = new McpServerV1({ name: 'guest-tools', version: '1.0.0' });
  server.registerTool('welcome', { description: 'Says welcome' }, () => text('welcome'));
  return server;
}
