import type { ToolCaller } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, toolCall, type Message } from './helpers/messages.js';
import { openSession, type TestSession } from './helpers/session.js';
import { answerOf, wholeAnswer } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const toolsOf = ({ result }: Message): string[] => result?.tools?.map(({ name }) => name) ?? [];

const listed = async (session: TestSession, params?: object): Promise<string[]> =>
  toolsOf(await answerOf(await session.post(request('list', 'tools/list', params))));

const only =
  (...names: string[]) =>
  (tool: string): boolean =>
    names.includes(tool);

describe.each(SETTINGS)('A policy for tools ($name)', (setting) => {
  it('Decides which tools are listed, in the order the server has them.', async () => {
    const world = await createWorld(setting, {}, { hooks: { allowTool: only('whoami', 'echo') } });
    expect(await listed(await openSession(world, TOKENS.acme))).toEqual(['echo', 'whoami']);
    const others = await listed(await openSession(world, TOKENS.globex));
    expect(others.length).toBeGreaterThan(5);
  });

  it('Shows the rest of what is said about a tool as it is.', async () => {
    const world = await createWorld(setting, {}, { hooks: { allowTool: only('echo') } });
    const mine = await answerOf(await (await openSession(world, TOKENS.acme)).post(request(1, 'tools/list')));
    const everything = await answerOf(
      await (await openSession(world, TOKENS.globex)).post(request(1, 'tools/list')),
    );
    const all = everything.result?.tools?.filter(({ name }) => name === 'echo');
    expect(mine).toEqual({ ...everything, result: { ...everything.result, tools: all } });
  });

  it('Is asked with the caller, so that users of one tenant can differ.', async () => {
    const callers: ToolCaller[] = [];
    const world = await createWorld(setting, {
      hooks: {
        allowTool: (tool, caller) => {
          callers.push(caller);
          return caller.principal.scopes.includes(tool);
        },
      },
    });
    const reader = `reader-${TOKENS.acme}`;
    world.tessera.addToken('acme', reader, { scopes: ['whoami'] });
    const session = await openSession(world, reader);
    expect(await listed(session)).toEqual(['whoami']);
    expect(await listed(await openSession(world, TOKENS.acme))).toEqual([]);
    expect(textOf(await answerOf(await session.call(1, 'whoami')))).toBe('acme');
    expect(new Set(callers.map(({ tenantId, era }) => `${tenantId}, ${era}`))).toEqual(
      new Set(['acme, session']),
    );
  });

  it('Of the tessera and of the tenant must both agree.', async () => {
    const world = await createWorld(
      setting,
      { hooks: { allowTool: only('echo', 'whoami') } },
      { hooks: { allowTool: only('echo', 'steps') } },
    );
    expect(await listed(await openSession(world, TOKENS.acme))).toEqual(['echo']);
    expect(await listed(await openSession(world, TOKENS.globex))).toEqual(['echo', 'whoami']);
  });

  it('Makes a tool it denies look like one that does not exist, and does not run it.', async () => {
    const world = await createWorld(setting, {}, { hooks: { allowTool: (tool) => tool !== 'hold' } });
    const session = await openSession(world, TOKENS.acme);
    const denied = await wholeAnswer(await session.call(1, 'hold', 'secret'));
    const unknown = await wholeAnswer(await session.call(1, 'fold', 'secret'));
    expect(denied).toMatchObject({ status: 200, body: expect.stringContaining('hold') as string });
    expect(JSON.parse(JSON.stringify(denied).replaceAll('hold', 'fold'))).toEqual(unknown);
    expect(world.acme.held).toEqual([]);
  });

  it('Gives the answer of an unknown tool also to a call that wants progress or has wrong arguments.', async () => {
    const world = await createWorld(setting, {}, { hooks: { allowTool: (tool) => tool !== 'steps' } });
    const session = await openSession(world, TOKENS.acme);
    for (const [given, meta] of [
      [{ text: 'x' }, { progressToken: 1 }],
      [{ wrong: true }, {}],
      [undefined, { 'example.com/steps': 'steps' }],
    ]) {
      const ask = (name: string): Promise<Response> =>
        session.post(request(1, 'tools/call', { name, arguments: given, _meta: meta }));
      const denied = await wholeAnswer(await ask('steps'));
      const unknown = await wholeAnswer(await ask('stops'));
      expect(JSON.parse(JSON.stringify(denied).replaceAll('steps', 'stops'))).toEqual(unknown);
    }
  });

  it('That throws denies, and the program hears why.', async () => {
    const allowTool = (tool: string): boolean => {
      if (tool === 'hold') throw new Error('policy is down');
      return true;
    };
    const world = await createWorld(setting, {}, { hooks: { allowTool } });
    const session = await openSession(world, TOKENS.acme);
    expect(await listed(session)).not.toContain('hold');
    const body = await (await session.call(1, 'hold', 'secret')).text();
    expect(body).toBe((await (await session.call(1, 'fold', 'secret')).text()).replaceAll('fold', 'hold'));
    expect(body).not.toContain('policy');
    expect(world.acme.held).toEqual([]);
    const errors = world.events('transportError').map(({ error }) => error.message);
    expect(new Set(errors)).toEqual(new Set(['policy is down']));
    expect(textOf(await answerOf(await session.call(2, 'echo', 'fine')))).toBe('fine');
  });

  it('May change its mind, and clients that are told ask again.', async () => {
    const allowed = new Set(['echo']);
    const world = await createWorld(setting, {}, { hooks: { allowTool: (tool) => allowed.has(tool) } });
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    expect(await listed(session)).toEqual(['echo']);
    allowed.add('whoami');
    allowed.delete('echo');
    world.tessera.notify('acme').toolsChanged();
    await stream.untilMethod('notifications/tools/list_changed');
    expect(await listed(session)).toEqual(['whoami']);
    expect(textOf(await answerOf(await session.call(1, 'whoami')))).toBe('acme');
    const denied = await (await session.call(2, 'echo', 'x')).text();
    expect(denied).toBe((await (await session.call(2, 'ecco', 'x')).text()).replaceAll('ecco', 'echo'));
  });

  it('Goes for a server that has replaced another one.', async () => {
    const world = await createWorld(setting, {}, { hooks: { allowTool: only('echo') } });
    const session = await openSession(world, TOKENS.acme);
    await world.tessera.updateTenant('acme', { server: () => setting.sdk.make(world.globex) });
    expect(await listed(session)).toEqual(['echo']);
    await answerOf(await session.call(1, 'hold', 'secret'));
    expect(world.globex.held).toEqual([]);
  });

  it('Goes for every call of a batch.', async () => {
    const world = await createWorld(setting, {}, { hooks: { allowTool: only('echo') } });
    const session = await openSession(world, TOKENS.acme, { version: '2025-03-26' });
    const batch = [toolCall(1, 'hold', 'secret'), toolCall(2, 'echo', 'fine'), request(3, 'tools/list')];
    const messages = (await (await session.post(batch)).json()) as Message[];
    const answers = new Map(messages.map((message) => [message.id, message]));
    expect(world.acme.held).toEqual([]);
    expect(textOf(answers.get(2) as Message)).toBe('fine');
    expect(toolsOf(answers.get(3) as Message)).toEqual(['echo']);
  });
});
