import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  McpError,
  type CallToolResult,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { inputRequired, inputResponses } from '@tessera-mcp/core';
import { z } from 'zod';
import type { Asked, MadeFor } from './asked.js';
import { blobOf, completionsOf, contentsOf, INFO, PAGES, promptOf } from './contents.js';
import { TOOLS } from './tools.js';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

const OPTIONS = {
  capabilities: { logging: {}, resources: { subscribe: true } },
  instructions: 'Ask for anything.',
};
const TRANSLATE = {
  text: z.string(),
  to: completable(z.string(), (typed) => completionsOf(typed)).optional(),
};

/** Makes a `McpServer` of SDK v1 that has some of everything. */
export function highLevelV1({ scopes }: MadeFor): McpServer {
  const server = new McpServer(INFO, OPTIONS);
  const askedBy = (given: Asked['given'], extra: Extra): Asked => {
    const { progressToken } = extra._meta ?? {};
    return {
      given,
      who: {
        madeFor: scopes,
        client: server.server.getClientVersion() ?? null,
        capabilities: server.server.getClientCapabilities() ?? null,
        scopes: extra.authInfo?.scopes,
      },
      meta: extra._meta,
      header: (name) => String(extra.requestInfo?.headers[name] ?? ''),
      progress: async (progress) => {
        if (progressToken === undefined) return;
        await extra.sendNotification({
          method: 'notifications/progress',
          params: { progressToken, progress },
        });
      },
      log: (level, data) =>
        extra.sendNotification({ method: 'notifications/message', params: { level, data } }),
    };
  };
  for (const { name, shape, output, call, ...config } of TOOLS) {
    const outputSchema = output === undefined ? {} : { outputSchema: output };
    if (shape === undefined) {
      server.registerTool(name, { ...config, ...outputSchema }, async (extra: Extra) =>
        resultOf(await call(askedBy({}, extra))),
      );
    } else {
      const schemas = { ...config, ...outputSchema, inputSchema: shape };
      server.registerTool(name, schemas, async (given, extra) => resultOf(await call(askedBy(given, extra))));
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
  server.registerTool('ask', {}, (extra: Extra) => {
    const { name: answer } = inputResponses(extra);
    if (answer !== undefined) return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
    const name = {
      method: 'elicitation/create' as const,
      params: {
        mode: 'form',
        message: 'Your name?',
        requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
      },
    };
    return inputRequired({ inputRequests: { name } });
  });
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
  server.registerResource('public', 'memo://public', {}, contentsOf);
  server.registerResource('guarded', 'memo://guarded', {}, contentsOf);
  server.registerResource('broken', 'memo://broken', {}, () => {
    throw new Error('no luck');
  });
  server.registerResource('gone', 'memo://gone', {}, (uri) => {
    throw new McpError(-32002, `No ${uri.href} is here.`, { uri: uri.href });
  });
  const template = new ResourceTemplate('memo://page/{id}', {
    list: () => PAGES,
    complete: { id: completionsOf },
  });
  server.registerResource('page', template, { description: 'A page.' }, contentsOf);
}
