import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

interface TextResult {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
}

/** A tool's answer of one text. */
export function text(value: string): TextResult {
  return { content: [{ type: 'text', text: value }] };
}

/** A server with one tool that greets. */
export function createGreetingServer(name: string): McpServer {
  const server = new McpServer({ name: `${name}-tools`, version: '1.0.0' });
  server.registerTool('greet', { description: 'Greets' }, () => text(`Good day from ${name}`));
  return server;
}

/** A calculator. */
export function createCalculator(): McpServer {
  const server = new McpServer({ name: 'calculator', version: '1.0.0' });
  const inputSchema = { a: z.number(), b: z.number() };
  server.registerTool('add', { inputSchema }, ({ a, b }) => text(String(a + b)));
  server.registerTool('divide', { inputSchema }, ({ a, b }) =>
    b === 0 ? { ...text('Division by zero'), isError: true } : text(String(a / b)),
  );
  return server;
}

/** A notebook of its own for each session. */
export function createNotebook(): McpServer {
  const notes: string[] = [];
  const server = new McpServer({ name: 'notebook', version: '1.0.0' });
  server.registerTool('note', { inputSchema: { line: z.string() } }, ({ line }) => {
    notes.push(line);
    return text(`${String(notes.length)} lines`);
  });
  return server;
}
