import {
  completable,
  inputRequired,
  McpServer,
  requireScopes,
  ResourceNotFoundError,
  ResourceTemplate,
  type CallToolResult,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Asked, MadeFor } from './asked.js';
import { blobOf, completionsOf, contentsOf, INFO, PAGES, promptOf } from './contents.js';
import { TOOLS } from './tools.js';

const OPTIONS = {
  capabilities: { logging: {}, resources: { subscribe: true } },
  instructions: 'Ask for anything.',
  cacheHints: { 'tools/list': { ttlMs: 60_000, cacheScope: 'public' as const } },
};

// Made once: converting schemas is most of what a server costs.
const CONFIGS = TOOLS.map(({ name, shape, output, scope, call, ...config }) => ({
  name,
  call,
  config: {
    ...config,
    ...(shape === undefined ? {} : { inputSchema: z.object(shape) }),
    ...(output === undefined ? {} : { outputSchema: z.object(output) }),
    ...(scope === undefined ? {} : { scopeChallenge: requireScopes(scope) }),
  },
}));
const TRANSLATE = z.object({
  text: z.string(),
  to: completable(z.string(), (typed) => completionsOf(typed)).optional(),
});

/** Makes a `McpServer` of SDK v2 that has some of everything. */
export function highLevelV2({ scopes }: MadeFor): McpServer {
  const server = new McpServer(INFO, OPTIONS);
  const askedBy = (given: Asked['given'], context: ServerContext): Asked => {
    const { mcpReq, http } = context;
    const { progressToken } = mcpReq._meta ?? {};
    return {
      given,
      who: {
        madeFor: scopes,
        client: server.server.getClientVersion() ?? null,
        capabilities: server.server.getClientCapabilities() ?? null,
        scopes: http?.authInfo?.scopes,
        envelope: mcpReq.envelope,
      },
      meta: mcpReq._meta,
      header: (name) => http?.req?.headers.get(name) ?? null,
      progress: async (progress) => {
        if (progressToken === undefined) return;
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
      },
      log: (level, data) => mcpReq.log(level, data),
    };
  };
  for (const { name, config, call } of CONFIGS) {
    const { inputSchema, ...others } = config;
    if (inputSchema === undefined) {
      server.registerTool(name, others, async (context) => resultOf(await call(askedBy({}, context))));
    } else {
      const handler = async (given: Asked['given'], context: ServerContext): Promise<CallToolResult> =>
        resultOf(await call(askedBy(given, context)));
      server.registerTool(name, { ...others, inputSchema }, handler);
    }
  }
  registerQuestions(server);
  registerPrompts(server);
  registerResources(server);
  return server;
}

const resultOf = (result: object): CallToolResult => result as CallToolResult;

/** A question to the person at the client, and what comes of the answer. */
function registerQuestions(server: McpServer): void {
  const ask = ({ mcpReq }: ServerContext): InputRequiredResult | CallToolResult => {
    const answer = mcpReq.inputResponses?.['name'];
    if (answer !== undefined) return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
    const name = inputRequired.elicit({
      message: 'Your name?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
    });
    return inputRequired({ inputRequests: { name } });
  };
  server.registerTool('ask', {}, ask);
}

function registerPrompts(server: McpServer): void {
  server.registerPrompt('greet', { description: 'Greets.' }, () => promptOf('Good morning.'));
  server.registerPrompt('grüße', {}, () => promptOf('Guten Morgen.'));
  server.registerPrompt('translate', { argsSchema: TRANSLATE }, ({ text, to = 'greek' }) =>
    promptOf(`${text} in ${to}`),
  );
  server.registerPrompt('broken', {}, () => {
    throw new Error('no luck');
  });
}

function registerResources(server: McpServer): void {
  server.registerResource('static', 'memo://static', { mimeType: 'text/plain' }, contentsOf);
  server.registerResource('greetings', 'memo://static/gr%C3%BC%C3%9Fe', {}, blobOf);
  const cacheHint = { ttlMs: 1000, cacheScope: 'public' as const };
  server.registerResource('public', 'memo://public', { cacheHint }, contentsOf);
  server.registerResource(
    'guarded',
    'memo://guarded',
    { scopeChallenge: requireScopes('admin') },
    contentsOf,
  );
  server.registerResource('broken', 'memo://broken', {}, () => {
    throw new Error('no luck');
  });
  server.registerResource('gone', 'memo://gone', {}, (uri) => {
    throw new ResourceNotFoundError(uri.href);
  });
  const template = new ResourceTemplate('memo://page/{id}', {
    list: () => PAGES,
    complete: { id: completionsOf },
  });
  server.registerResource('page', template, { description: 'A page.' }, contentsOf);
}
