import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { z } from 'zod';

/** What a tool is told of its call, whichever SDK its server is made of. */
interface ToolContext {
  readonly text: string;
  readonly signal: AbortSignal;
  readonly scopes: readonly string[] | undefined;
  /** Headers of the request by name. */
  readonly headers: () => Record<string, unknown>;
  readonly url: () => string;
  /** Changes a tool of its own server. */
  readonly change: (tool: string, to: 'disabled' | 'enabled' | 'removed') => void;
}

/** The tools of a server, by name. */
export type Tools = Readonly<Record<string, (context: ToolContext) => string | Promise<string>>>;

/** A server, and what a test does to it. */
export interface MadeServer {
  readonly server: McpServerLike & { server: { onclose?: (() => void) | undefined } };
  readonly change: ToolContext['change'];
  /** Gives a tool another description. */
  readonly describe: (tool: string, description: string, how: 'update' | 'field') => void;
  /** Adds a tool that answers with its name. */
  readonly grow: (name: string) => void;
}

/** One of the SDKs that servers are written with. */
export interface Sdk {
  readonly name: 'SDK v1' | 'SDK v2';
  readonly make: (tools: Tools, name?: string) => MadeServer;
}

/** An SDK, and whether the fast path is on. */
export interface Cell {
  readonly name: string;
  readonly sdk: Sdk;
  readonly direct: boolean;
}

interface Registered {
  description?: string | undefined;
  enable(): void;
  disable(): void;
  remove(): void;
  update(changes: { description: string }): void;
}

const SHAPE = { text: z.string().optional() };

const answer = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});

function madeOf(
  server: MadeServer['server'],
  registered: Map<string, Registered>,
  grow: MadeServer['grow'],
): MadeServer {
  const toolNamed = (name: string): Registered => {
    const tool = registered.get(name);
    if (tool === undefined) throw new Error(`There is no tool ${name}.`);
    return tool;
  };
  return {
    server,
    grow,
    change: (name, to) => {
      const tool = toolNamed(name);
      if (to === 'disabled') tool.disable();
      else if (to === 'enabled') tool.enable();
      else tool.remove();
    },
    describe: (name, description, how) => {
      const tool = toolNamed(name);
      if (how === 'update') tool.update({ description });
      else tool.description = description;
    },
  };
}

function makeV1(tools: Tools, name = 'one'): MadeServer {
  const server = new McpServerV1({ name, version: '1.0.0' }, { capabilities: { logging: {} } });
  const registered = new Map<string, Registered>();
  const made = madeOf(server, registered, (grown) => {
    registered.set(
      grown,
      server.registerTool(grown, {}, () => answer(grown)),
    );
  });
  for (const [tool, call] of Object.entries(tools)) {
    const handle = server.registerTool(tool, { inputSchema: SHAPE }, async ({ text = '' }, extra) =>
      answer(
        await call({
          text,
          signal: extra.signal,
          scopes: extra.authInfo?.scopes,
          headers: () => extra.requestInfo?.headers ?? {},
          url: () => String(extra.requestInfo?.url),
          change: made.change,
        }),
      ),
    );
    registered.set(tool, handle);
  }
  return made;
}

function makeV2(tools: Tools, name = 'one'): MadeServer {
  const server = new McpServerV2({ name, version: '1.0.0' }, { capabilities: { logging: {} } });
  const registered = new Map<string, Registered>();
  const made = madeOf(server, registered, (grown) => {
    registered.set(
      grown,
      server.registerTool(grown, {}, () => answer(grown)),
    );
  });
  for (const [tool, call] of Object.entries(tools)) {
    const handle = server.registerTool(
      tool,
      { inputSchema: z.object(SHAPE) },
      async ({ text = '' }, { mcpReq, http }) =>
        answer(
          await call({
            text,
            signal: mcpReq.signal,
            scopes: http?.authInfo?.scopes,
            headers: () => Object.fromEntries(http?.req?.headers ?? []),
            url: () => String(http?.req?.url),
            change: made.change,
          }),
        ),
    );
    registered.set(tool, handle);
  }
  return made;
}

export const SDK_V1: Sdk = { name: 'SDK v1', make: makeV1 };
export const SDK_V2: Sdk = { name: 'SDK v2', make: makeV2 };

/** Servers of both SDKs, with the fast path and without. */
export const CELLS: readonly Cell[] = [SDK_V1, SDK_V2].flatMap((sdk) =>
  [true, false].map((direct) => ({
    name: `${sdk.name}, ${direct ? 'directly' : 'not directly'}`,
    sdk,
    direct,
  })),
);
