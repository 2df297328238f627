import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, type Message } from './helpers/messages.js';
import { openSession, type TestSession } from './helpers/session.js';
import { answerOf, messagesOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const CHANGED = 'notifications/tools/list_changed';
const LOGGED = 'notifications/message';

async function setLevel(session: TestSession, level: string): Promise<void> {
  const answer = await answerOf(await session.post(request('level', 'logging/setLevel', { level })));
  expect(answer).toMatchObject({ id: 'level', result: {} });
}

const logged = (messages: readonly Message[]): (string | undefined)[] =>
  messages.filter((message) => message.method === LOGGED).map((message) => message.params?.data);

describe.each(SETTINGS)('Notifications outside of a call ($name)', (setting) => {
  it('A changed list is told on the newest GET stream.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const older = await session.listen();
    const newest = await session.listen();
    world.acme.newest().grow('grown');
    const told = await newest.untilMethod(CHANGED);
    expect(told.id).toBeUndefined();
    expect(older.messages).toHaveLength(0);
    const { result } = await answerOf(await session.post(request(1, 'tools/list')));
    expect(result?.tools?.map((tool) => tool.name)).toContain('grown');
  });

  it('A changed list is told by the next GET stream when none is open.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    world.acme.newest().grow('grown');
    const stream = await session.listen();
    await stream.untilMethod(CHANGED);
    const next = await session.listen();
    world.acme.newest().grow('more');
    await next.untilMethod(CHANGED);
    expect(next.count(CHANGED)).toBe(1);
  });

  it('One session does not hear of another one of the same tenant.', async () => {
    const world = await createWorld(setting);
    const first = await openSession(world, TOKENS.acme);
    const ofFirst = world.acme.newest();
    const second = await openSession(world, TOKENS.acme);
    const ofSecond = world.acme.newest();
    const firstStream = await first.listen();
    const secondStream = await second.listen();
    ofFirst.grow('one');
    await firstStream.untilMethod(CHANGED);
    ofSecond.grow('two');
    await secondStream.untilMethod(CHANGED);
    expect(firstStream.count(CHANGED)).toBe(1);
    expect(secondStream.count(CHANGED)).toBe(1);
  });

  it("A notice to a tenant reaches all of that tenant's sessions and no others.", async () => {
    const world = await createWorld(setting);
    const streams = [
      await (await openSession(world, TOKENS.acme)).listen(),
      await (await openSession(world, TOKENS.acme)).listen(),
      await (await openSession(world, TOKENS.sibling)).listen(),
    ];
    const ofGlobex = await (await openSession(world, TOKENS.globex)).listen();
    world.tessera.notify('acme').toolsChanged();
    for (const stream of streams) await stream.untilMethod(CHANGED);
    expect(ofGlobex.messages).toHaveLength(0);
    world.tessera.notify('globex').toolsChanged();
    await ofGlobex.untilMethod(CHANGED);
    expect([...streams, ofGlobex].map((stream) => stream.count(CHANGED))).toEqual([1, 1, 1, 1]);
  });

  it('A notice to a tenant waits for the next GET stream of a session that has none.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    world.tessera.notify('acme').toolsChanged();
    await (await session.listen()).untilMethod(CHANGED);
  });

  it('A notice to an unknown tenant is an error.', async () => {
    const { tessera } = await createWorld(setting);
    expect(() => tessera.notify('nobody')).toThrow(expect.objectContaining({ code: 'unknown_tenant' }));
  });

  it('A log message outside of a call goes to the GET stream.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    await world.acme.newest().log('error', 'outside');
    expect((await stream.untilMethod(LOGGED)).params).toMatchObject({ level: 'error', data: 'outside' });
  });
});

describe.each(SETTINGS)('The level of log messages ($name)', (setting) => {
  it('Messages below it are not sent within a call.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await setLevel(session, 'warning');
    expect(logged(await messagesOf(await session.call(1, 'logAll', 'x')))).toEqual(['x warning', 'x error']);
    await setLevel(session, 'error');
    expect(logged(await messagesOf(await session.call(2, 'logAll', 'y')))).toEqual(['y error']);
    await setLevel(session, 'emergency');
    expect(logged(await messagesOf(await session.call(3, 'logAll', 'z')))).toEqual([]);
    await setLevel(session, 'debug');
    expect(logged(await messagesOf(await session.call(4, 'logAll', 'w')))).toEqual([
      'w debug',
      'w warning',
      'w error',
    ]);
  });

  it('Messages below it are not sent outside of a call.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await setLevel(session, 'warning');
    const stream = await session.listen();
    await world.acme.newest().log('info', 'quiet');
    await world.acme.newest().log('error', 'loud');
    await stream.untilMethod(LOGGED);
    expect(logged(stream.messages)).toEqual(['loud']);
  });

  it('It is the level of one session only.', async () => {
    const world = await createWorld(setting);
    const quiet = await openSession(world, TOKENS.acme);
    const loud = await openSession(world, TOKENS.acme);
    await setLevel(quiet, 'error');
    expect(logged(await messagesOf(await loud.call(1, 'warn', 'heard')))).toEqual(['heard']);
    expect(logged(await messagesOf(await quiet.call(1, 'warn', 'not heard')))).toEqual([]);
  });

  it('A level that does not exist is refused and changes nothing.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await setLevel(session, 'error');
    const answer = await answerOf(await session.post(request(1, 'logging/setLevel', { level: 'deafening' })));
    expect(answer.error).toBeDefined();
    expect(logged(await messagesOf(await session.call(2, 'logAll', 'x')))).toEqual(['x error']);
  });
});
