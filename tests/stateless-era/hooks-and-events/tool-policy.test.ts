import type { McpServerLike, ToolCaller, TenantOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { textOf } from '../../session-era/helpers/messages.js';
import { SDK_V1, type Sdk } from '../../session-era/helpers/servers.js';
import type { Stage } from '../../session-era/helpers/stage.js';
import { answerOf, wholeAnswer } from '../../session-era/helpers/streams.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell } from '../helpers/cells.js';

afterEach(closeEverything);

const only =
  (...names: string[]) =>
  (tool: string): boolean =>
    names.includes(tool);

/** What the high-level servers of both SDKs have in common. */
interface Registering {
  registerTool(name: string, config: object, handler: (given: { region: string }) => object): unknown;
}

/** A server that has a tool whose argument is repeated in a header. */
function makeWithRegion(sdk: Sdk, stage: Stage): McpServerLike {
  const server = sdk.make(stage);
  const shape = { region: z.string().meta({ 'x-mcp-header': 'Region' }) };
  const inputSchema = sdk === SDK_V1 ? shape : z.object(shape);
  (server as unknown as Registering).registerTool('region', { inputSchema }, ({ region }) => {
    stage.finished.push(region);
    return { content: [{ type: 'text', text: `in ${region}` }] };
  });
  return server;
}

describe.each(CELLS)('A policy for tools in the stateless era ($name)', (cell) => {
  const worldOf = async (
    allowTool: (tool: string, caller: ToolCaller) => boolean,
    ofAcme: Partial<TenantOptions> = {},
  ): Promise<World> => {
    const server = (): McpServerLike => makeWithRegion(cell.sdk, world.acme);
    const world: World = await createCell(cell, {}, { server, hooks: { allowTool }, ...ofAcme });
    return world;
  };

  it('Decides which tools are listed, however often and by whichever user.', async () => {
    const world = await worldOf((tool, { principal }) =>
      only('echo', principal.scopes.includes('region') ? 'region' : 'whoami')(tool),
    );
    const scoped = `scoped-${TOKENS.acme}`;
    world.tessera.addToken('acme', scoped, { scopes: ['region'] });
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await new StatelessCaller(world, TOKENS.acme).tools()).toEqual(['echo', 'whoami']);
      expect(await new StatelessCaller(world, scoped).tools()).toEqual(['echo', 'region']);
      expect((await new StatelessCaller(world, TOKENS.globex).tools()).length).toBeGreaterThan(5);
    }
  });

  it('Is told that it is asked in the stateless era.', async () => {
    const callers: ToolCaller[] = [];
    const world = await worldOf((_tool, caller) => {
      callers.push(caller);
      return true;
    });
    const caller = new StatelessCaller(world, TOKENS.acme);
    await caller.tools();
    await caller.textOf(1, 'echo', 'x');
    expect(new Set(callers.map(({ tenantId, era }) => `${tenantId}, ${era}`))).toEqual(
      new Set(['acme, stateless']),
    );
  });

  it('Makes a tool it denies look like one that does not exist, and does not run it.', async () => {
    const world = await worldOf((tool) => tool !== 'hold');
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) {
      for (const meta of [{}, { progressToken: 'p' }]) {
        const denied = await wholeAnswer(await caller.call(1, 'hold', 'secret', { meta }));
        const unknown = await wholeAnswer(await caller.call(1, 'fold', 'secret', { meta }));
        expect(JSON.parse(JSON.stringify(denied).replaceAll('hold', 'fold'))).toEqual(unknown);
      }
      await caller.tools();
      expect(await caller.textOf(2, 'echo', 'x')).toBe('x');
    }
    expect(world.acme.held).toEqual([]);
  });

  it('Makes it look so with wrong arguments, wrong headers and no arguments too.', async () => {
    const world = await worldOf((tool) => tool !== 'hold');
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (const [given, headers] of [
      [{ wrong: true }, {}],
      [undefined, {}],
      ['text', {}],
      [{ text: 'x' }, { 'mcp-param-text': 'x' }],
      [{ text: 'x' }, { 'mcp-name': 'echo' }],
    ] as const) {
      const ask = (name: string): Promise<Response> =>
        caller.ask(1, 'tools/call', { name, arguments: given }, { headers });
      const denied = await wholeAnswer(await ask('hold'));
      const unknown = await wholeAnswer(await ask('fold'));
      expect(JSON.parse(JSON.stringify(denied).replaceAll('hold', 'fold'))).toEqual(unknown);
    }
    expect(world.acme.held).toEqual([]);
  });

  it('Makes a tool that wants a header look so as well, with the header and without it.', async () => {
    const world = await worldOf((tool) => tool !== 'region');
    const caller = new StatelessCaller(world, TOKENS.acme);
    const given = { region: 'north' };
    for (let turn = 0; turn < 3; turn += 1) {
      for (const headers of [{}, { 'mcp-param-region': 'north' }, { 'mcp-param-region': 'south' }]) {
        const ask = (name: string): Promise<Response> =>
          caller.ask(1, 'tools/call', { name, arguments: given }, { headers });
        const denied = await wholeAnswer(await ask('region'));
        const unknown = await wholeAnswer(await ask('legion'));
        const renamed = JSON.stringify(denied).replaceAll('region', 'legion');
        expect(JSON.parse(renamed)).toEqual(
          JSON.parse(JSON.stringify(unknown).replaceAll('region', 'legion')),
        );
      }
      await caller.tools();
    }
    expect(world.acme.finished).toEqual([]);
  });

  it('Lets through a tool that wants a header when it comes, and only then.', async () => {
    const world = await worldOf(only('region'));
    const caller = new StatelessCaller(world, TOKENS.acme);
    const params = { name: 'region', arguments: { region: 'north' } };
    for (let turn = 0; turn < 3; turn += 1) {
      const headers = { 'mcp-param-region': 'north' };
      expect(textOf(await caller.answer(1, 'tools/call', params, { headers }))).toBe('in north');
      const without = await caller.ask(2, 'tools/call', params);
      expect(without.status).toBe(400);
      expect((await answerOf(without)).error?.code).toBe(-32020);
    }
    expect(world.acme.finished).toHaveLength(3);
  });

  it('May change its mind, also where lists are kept without limit.', async () => {
    const allowed = new Set(['echo']);
    const world = await worldOf((tool) => allowed.has(tool), { lists: 'static' });
    const caller = new StatelessCaller(world, TOKENS.acme);
    expect(await caller.tools()).toEqual(['echo']);
    expect(await caller.textOf(1, 'whoami')).not.toBe('acme');
    allowed.add('whoami');
    expect(await caller.tools()).toEqual(['echo', 'whoami']);
    expect(await caller.textOf(1, 'whoami')).toBe('acme');
    allowed.clear();
    expect(await caller.tools()).toEqual([]);
    expect(await caller.textOf(1, 'whoami')).not.toBe('acme');
  });

  it('That throws denies, and the program hears why.', async () => {
    const world = await worldOf((tool) => {
      if (tool === 'hold') throw new Error('policy is down');
      return true;
    });
    const caller = new StatelessCaller(world, TOKENS.acme);
    expect(await caller.tools()).not.toContain('hold');
    const body = await (await caller.call(1, 'hold', 'secret')).text();
    expect(body).toBe((await (await caller.call(1, 'fold', 'secret')).text()).replaceAll('fold', 'hold'));
    expect(world.acme.held).toEqual([]);
    const errors = world.events('transportError').map(({ error }) => error.message);
    expect(new Set(errors)).toEqual(new Set(['policy is down']));
  });

  it('Shows the rest of what is said about a tool as it is.', async () => {
    const world = await createCell(cell, {}, { hooks: { allowTool: only('echo') } });
    const mine = await new StatelessCaller(world, TOKENS.acme).answer(1, 'tools/list');
    const all = await new StatelessCaller(world, TOKENS.globex).answer(1, 'tools/list');
    const echo = all.result?.tools?.filter(({ name }) => name === 'echo');
    expect(mine.result?.tools).toEqual(echo);
    expect([mine.result?.ttlMs, mine.result?.cacheScope, mine.result?.resultType]).toEqual([
      all.result?.ttlMs,
      all.result?.cacheScope,
      all.result?.resultType,
    ]);
  });
});
