import { completable as completableV1 } from '@modelcontextprotocol/sdk/server/completable.js';
import {
  McpServer as McpServerV1,
  ResourceTemplate as TemplateV1,
} from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  acceptedContent,
  completable as completableV2,
  inputRequired,
  McpServer as McpServerV2,
  ResourceTemplate as TemplateV2,
} from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { z } from 'zod';

/** One of the SDKs that servers are written with. */
export interface ServerSdk {
  readonly name: string;
  readonly make: () => McpServerLike;
}

export const NOTE = 'memo://note';
export const PAGES = 'memo://pages/{page}';

const INFO = { name: 'matrix', version: '1.0.0' };
const SUM = { a: z.number(), b: z.number() };
const CITIES = ['Aachen', 'Aarhus', 'Berlin'];
const PAGE_NAMES = ['first', 'second'];

const citiesLike = (typed: string): string[] => CITIES.filter((city) => city.startsWith(typed));
const pagesLike = (typed: string): string[] => PAGE_NAMES.filter((page) => page.startsWith(typed));
const text = (said: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: said }],
});
const sumOf = (a: number, b: number): ReturnType<typeof text> & { structuredContent: { sum: number } } => ({
  ...text(String(a + b)),
  structuredContent: { sum: a + b },
});
const reading = (uri: URL, said: string): { contents: { uri: string; text: string }[] } => ({
  contents: [{ uri: uri.href, text: said }],
});
const greeting = (
  city: string,
): { messages: { role: 'user'; content: { type: 'text'; text: string } }[] } => ({
  messages: [{ role: 'user', content: { type: 'text', text: `Good morning, ${city}.` } }],
});
const form = {
  message: 'What is your name?',
  requestedSchema: {
    type: 'object' as const,
    properties: { name: { type: 'string' as const } },
    required: ['name'],
  },
};
const listOfPages = (): { resources: { uri: string; name: string }[] } => ({
  resources: PAGE_NAMES.map((page) => ({ uri: `memo://pages/${page}`, name: page })),
});

function makeV1(): McpServerLike {
  const server = new McpServerV1(INFO);
  server.registerTool('add', { inputSchema: SUM, outputSchema: { sum: z.number() } }, ({ a, b }) =>
    sumOf(a, b),
  );
  server.registerTool('count', {}, async ({ _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [1, 2, 3]) {
      const params = { progressToken: progressToken ?? '', progress, total: 3 };
      await sendNotification({ method: 'notifications/progress', params });
    }
    return text('counted');
  });
  server.registerTool('askName', {}, async () => {
    const { action, content } = await server.server.elicitInput(form);
    return text(`${action} ${String(content?.['name'])}`);
  });
  server.registerTool('fail', {}, () => ({ ...text('no luck'), isError: true }));
  server.registerResource('note', NOTE, {}, (uri) => reading(uri, 'buy milk'));
  const template = new TemplateV1(PAGES, { list: listOfPages, complete: { page: pagesLike } });
  server.registerResource('pages', template, {}, (uri, { page }) => reading(uri, `page ${String(page)}`));
  const argsSchema = { city: completableV1(z.string(), citiesLike) };
  server.registerPrompt('greet', { argsSchema }, ({ city }) => greeting(city));
  return server;
}

function makeV2(): McpServerLike {
  const server = new McpServerV2(INFO);
  const outputSchema = z.object({ sum: z.number() });
  server.registerTool('add', { inputSchema: z.object(SUM), outputSchema }, ({ a, b }) => sumOf(a, b));
  server.registerTool('count', {}, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [1, 2, 3]) {
      const params = { progressToken: progressToken ?? '', progress, total: 3 };
      await mcpReq.notify({ method: 'notifications/progress', params });
    }
    return text('counted');
  });
  server.registerTool('askName', {}, ({ mcpReq }) => {
    if (mcpReq.inputResponses === undefined) {
      return inputRequired({ inputRequests: { name: inputRequired.elicit(form) } });
    }
    const content = acceptedContent(mcpReq.inputResponses, 'name');
    return text(content === undefined ? 'decline undefined' : `accept ${String(content['name'])}`);
  });
  server.registerTool('fail', {}, () => ({ ...text('no luck'), isError: true }));
  server.registerResource('note', NOTE, {}, (uri) => reading(uri, 'buy milk'));
  const template = new TemplateV2(PAGES, { list: listOfPages, complete: { page: pagesLike } });
  server.registerResource('pages', template, {}, (uri, { page }) => reading(uri, `page ${String(page)}`));
  const argsSchema = z.object({ city: completableV2(z.string(), citiesLike) });
  server.registerPrompt('greet', { argsSchema }, ({ city }) => greeting(city));
  return server;
}

export const SERVERS: readonly ServerSdk[] = [
  { name: 'v1 server', make: makeV1 },
  { name: 'v2 server', make: makeV2 },
];
