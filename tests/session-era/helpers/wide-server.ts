import type { McpServerLike } from '@tessera-mcp/core';

import type { Sdk } from './servers.js';
import type { Stage } from './stage.js';

/** What the high-level servers of both SDKs have in common. */
interface Registering {
  registerTool(name: string, config: object, handler: () => object): unknown;
  registerPrompt(name: string, config: object, handler: () => object): unknown;
  registerResource(name: string, uri: string, config: object, handler: (uri: URL) => object): unknown;
}

const text = (said: string): { type: 'text'; text: string } => ({ type: 'text', text: said });

/** A server of the given SDK that has a resource, a prompt and tools that fail beside the usual tools. */
export function makeWide(sdk: Sdk, stage: Stage): McpServerLike {
  const server = sdk.make(stage);
  const registering = server as unknown as Registering;
  registering.registerTool('fail', {}, () => ({ content: [text('no luck')], isError: true }));
  registering.registerTool('throw', {}, () => {
    throw new Error('thrown by the tool');
  });
  registering.registerPrompt('greet', {}, () => ({
    messages: [{ role: 'user', content: text('Good morning.') }],
  }));
  registering.registerResource('memo', 'memo://one', {}, (uri) => ({
    contents: [{ uri: uri.href, text: 'buy milk' }],
  }));
  return server;
}
