import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Server as ServerV2 } from '@modelcontextprotocol/server';
import type { CallHooks, McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { HookLog } from './helpers/hook-log.js';
import { request, textOf } from './helpers/messages.js';
import { openSession, type TestSession } from './helpers/session.js';
import { answerOf, wholeAnswer } from './helpers/streams.js';
import { createWorld, IN_PROCESS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const only =
  (...names: string[]) =>
  (tool: string): boolean =>
    names.includes(tool);

const listed = async (session: TestSession): Promise<unknown> =>
  (await answerOf(await session.post(request('list', 'tools/list')))).result?.tools;

/** How a low-level server treats a call, which it is free to do as it likes. */
type Respond = (name: string, log: (said: string) => Promise<void>) => object | Promise<object>;

const TOOL_NAMES = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];

/** Two tools a page. */
function page(cursor: string | undefined): { tools: never[]; nextCursor?: string } {
  const from = Number(cursor ?? 0);
  const tools = TOOL_NAMES.slice(from, from + 2).map((name) => ({ name, inputSchema: { type: 'object' } }));
  const next = from + 2 < TOOL_NAMES.length ? { nextCursor: String(from + 2) } : {};
  return { tools: tools as never[], ...next };
}

const INFO = { name: 'low-level', version: '1.0.0' };
const CAPABILITIES = { capabilities: { tools: {}, logging: {} } };

const LOW_LEVEL = [
  {
    name: 'SDK v1',
    make: (respond: Respond): McpServerLike => {
      const server = new ServerV1(INFO, CAPABILITIES);
      server.setRequestHandler(ListToolsRequestSchema, ({ params }) => page(params?.cursor));
      server.setRequestHandler(
        CallToolRequestSchema,
        ({ params }, extra) =>
          respond(params.name, (data) =>
            extra.sendNotification({ method: 'notifications/message', params: { level: 'error', data } }),
          ) as never,
      );
      return server;
    },
  },
  {
    name: 'SDK v2',
    make: (respond: Respond): McpServerLike => {
      const server = new ServerV2(INFO, CAPABILITIES);
      server.setRequestHandler('tools/list', ({ params }) => page(params?.cursor));
      server.setRequestHandler(
        'tools/call',
        ({ params }, ctx) =>
          respond(params.name, (data) =>
            ctx.mcpReq.notify({ method: 'notifications/message', params: { level: 'error', data } }),
          ) as never,
      );
      return server;
    },
  },
];

const text = (said: string): object => ({ content: [{ type: 'text', text: said }] });

describe.each(LOW_LEVEL)('A policy for the tools of a low-level server ($name)', ({ make }) => {
  const worldOf = (respond: Respond, hooks: CallHooks): Promise<World> =>
    createWorld(IN_PROCESS, {}, { server: () => make(respond), hooks });

  it('Keeps the pages of the list, also those that show nothing.', async () => {
    const world = await worldOf(() => text('ran'), { allowTool: only('gamma', 'epsilon') });
    const session = await openSession(world, TOKENS.acme);
    const pages: unknown[] = [];
    let cursor: string | undefined;
    do {
      const params = cursor === undefined ? undefined : { cursor };
      const { result } = await answerOf(await session.post(request(1, 'tools/list', params)));
      const { nextCursor } = result as { nextCursor?: string };
      pages.push(result?.tools?.map(({ name }) => name));
      cursor = nextCursor;
    } while (cursor !== undefined);
    expect(pages).toEqual([[], ['gamma'], ['epsilon']]);
  });

  const ways: { how: string; respond: Respond }[] = [
    { how: 'a result', respond: (name) => ({ ...text(`There is no ${name}.`), isError: true }) },
    {
      how: 'a result in which the name appears several times',
      respond: (name) => ({ ...text(`${name}${name} $& ${name}`), _meta: { asked: [name, { for: name }] } }),
    },
    {
      how: 'an error with data',
      respond: (name) => {
        throw Object.assign(new Error(`Unknown tool: ${name}`), { code: -32602, data: { tool: name } });
      },
    },
  ];

  it.each(ways)('Denies with $how, as the server does when it has no such tool.', async ({ respond }) => {
    const ran: string[] = [];
    const known: Respond = (name, log) => {
      if (!TOOL_NAMES.includes(name)) return respond(name, log);
      ran.push(name);
      return text('ran');
    };
    const world = await worldOf(known, { allowTool: (tool) => tool !== 'alpha' });
    const session = await openSession(world, TOKENS.acme);
    const denied = await wholeAnswer(await session.call(1, 'alpha'));
    const unknown = await wholeAnswer(await session.call(1, 'alphb'));
    expect(JSON.stringify(denied)).toContain('alpha');
    expect(JSON.parse(JSON.stringify(denied).replaceAll('alpha', 'alphb'))).toEqual(unknown);
    expect(ran).toEqual([]);
    expect(textOf(await answerOf(await session.call(2, 'beta')))).toBe('ran');
    expect(ran).toEqual(['beta']);
  });

  it.each([
    { answer: 'a promise', allowTool: () => Promise.resolve(true) },
    { answer: 'nothing', allowTool: () => undefined },
    { answer: 'a text', allowTool: () => 'yes' },
  ])('Denies when it answers with $answer, which is not a decision.', async ({ allowTool }) => {
    const world = await worldOf(text, { allowTool: allowTool as never });
    const session = await openSession(world, TOKENS.acme);
    expect(await listed(session)).toEqual([]);
  });

  it('Keeps what the server says during a call it denies like that during a call of an unknown tool.', async () => {
    const respond: Respond = async (name, log) => {
      await log(`I was asked for ${name}.`);
      return text('no such tool');
    };
    const world = await worldOf(respond, { allowTool: (tool) => tool !== 'alpha' });
    const session = await openSession(world, TOKENS.acme);
    const denied = JSON.stringify(await wholeAnswer(await session.call(1, 'alpha')));
    const unknown = JSON.stringify(await wholeAnswer(await session.call(1, 'alphb')));
    expect(denied.replaceAll('alpha', 'alphb')).toBe(unknown);
  });

  it('Denies alike when the server uses the name as a key.', async () => {
    const respond: Respond = (name) => ({ ...text('no such tool'), _meta: { [name]: 'unknown' } });
    const world = await worldOf(respond, { allowTool: (tool) => tool !== 'alpha' });
    const session = await openSession(world, TOKENS.acme);
    const denied = await (await session.call(1, 'alpha')).text();
    const unknown = await (await session.call(1, 'alphb')).text();
    expect(denied.replaceAll('alpha', 'alphb')).toBe(unknown);
  });

  it('Denies alike when the server writes JSON into its text, and the name needs an escape there.', async () => {
    const respond: Respond = (name) => text(JSON.stringify({ unknown: name }));
    const world = await worldOf(respond, { allowTool: (tool) => tool !== 'an "alpha"' });
    const session = await openSession(world, TOKENS.acme);
    const denied = await (await session.call(1, 'an "alpha"')).text();
    const unknown = await (await session.call(1, 'an "alphb"')).text();
    expect(denied.replaceAll('alpha', 'alphb')).toBe(unknown);
  });

  it('Ends a call it denies also when the answer of the server cannot be written as JSON.', async () => {
    const log = new HookLog();
    const respond: Respond = () => ({ ...text('no such tool'), _meta: { number: 1n } });
    const hooks = { ...log.hooks, allowTool: (tool: string) => tool !== 'alpha' };
    const world = await worldOf(respond, hooks);
    const session = await openSession(world, TOKENS.acme);
    const unknown = await (await session.call(1, 'alphb')).text();
    const denied = session.call(1, 'alpha').then((response) => response.text());
    const patience = new Promise((resolve) => setTimeout(resolve, 500, 'no answer'));
    expect(await Promise.race([denied, patience])).toBe(unknown);
    expect(world.tessera.getStats().callsInFlight).toBe(0);
    expect(log.told).toHaveLength(2);
  });
});
