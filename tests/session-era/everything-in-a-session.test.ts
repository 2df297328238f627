import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { FullStage, makeFullServer, WEATHER } from './helpers/full-servers.js';
import { notification, request, textOf, type Message } from './helpers/messages.js';
import { openSession, type TestSession } from './helpers/session.js';
import { answerOf, EventReader, messagesOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS, type Setting, type World } from './helpers/world.js';

afterEach(closeEverything);

const CAPABILITIES = { roots: { listChanged: true }, elicitation: {} };
const ROOTS = { roots: [{ uri: 'file:///home', name: 'home' }, { uri: 'file:///work' }] };
const URIS = 'file:///home file:///work';

const reply = (session: TestSession, question: Message, result: object): Promise<Response> =>
  session.post({ jsonrpc: '2.0', id: question.id, result });

/** A session with a server that has everything. */
interface Place {
  readonly world: World;
  readonly stage: FullStage;
  readonly session: TestSession;
}

async function openPlace(setting: Setting): Promise<Place> {
  const stage = new FullStage();
  const server = (): ReturnType<typeof makeFullServer> => makeFullServer(setting.sdk, stage);
  const world = await createWorld(setting, {}, { server });
  const session = await openSession(world, TOKENS.acme, { capabilities: CAPABILITIES });
  return { world, stage, session };
}

async function callStream(session: TestSession, id: number, tool: string): Promise<EventReader> {
  return new EventReader(await session.post(request(id, 'tools/call', { name: tool, arguments: {} })));
}

describe.each(SETTINGS)('What a client can be asked and told besides ($name)', (setting) => {
  it('Roots are asked for on the stream of the call, whether or not a GET is open.', async () => {
    const { session } = await openPlace(setting);
    for (const id of [1, 2]) {
      const stream = await callStream(session, id, 'roots');
      const question = await stream.untilMethod('roots/list');
      expect((await reply(session, question, ROOTS)).status).toBe(202);
      expect(textOf(await stream.untilAnswer(id))).toBe(URIS);
      // The second time, a stream is open that must not be used for it.
      if (id === 1) await session.listen();
    }
  });

  it('Roots that are asked for beside a call go to the GET stream, or to the call when there is none.', async () => {
    const { session } = await openPlace(setting);
    const alone = await callStream(session, 1, 'rootsAside');
    await reply(session, await alone.untilMethod('roots/list'), ROOTS);
    expect(textOf(await alone.untilAnswer(1))).toBe(URIS);
    const standing = await session.listen();
    const calling = session.post(request(2, 'tools/call', { name: 'rootsAside', arguments: {} }));
    await reply(session, await standing.untilMethod('roots/list'), ROOTS);
    expect(textOf(await answerOf(await calling))).toBe(URIS);
  });

  it('A server that hears of new roots gets them, at once or at the next GET stream.', async () => {
    const { session, stage } = await openPlace(setting);
    const changed = notification('notifications/roots/list_changed');
    const heard = (times: number): Promise<void> =>
      vi.waitFor(() => {
        expect(stage.newest().heardRoots).toEqual(Array.from({ length: times }, () => URIS.split(' ')));
      });
    expect((await session.post(changed)).status).toBe(202);
    const standing = await session.listen();
    await reply(session, await standing.untilMethod('roots/list'), ROOTS);
    await heard(1);
    await session.post(changed);
    const isSecond = ({ method }: Message): boolean =>
      method === 'roots/list' && standing.count('roots/list') === 2;
    await standing.until(isSecond);
    const second = standing.messages.filter(({ method }) => method === 'roots/list').at(-1) as Message;
    await reply(session, second, ROOTS);
    await heard(2);
  });

  it('A prompt’s arguments are completed.', async () => {
    const { session } = await openPlace(setting);
    const ref = { type: 'ref/prompt', name: 'forecast' };
    const complete = request(1, 'completion/complete', { ref, argument: { name: 'city', value: 'Aa' } });
    const { result } = await answerOf(await session.post(complete));
    expect(result).toMatchObject({ completion: { values: ['Aachen', 'Aarhus'] } });
    const get = request(2, 'prompts/get', { name: 'forecast', arguments: { city: 'Aarhus' } });
    expect((await answerOf(await session.post(get))).result).toMatchObject({
      messages: [{ content: { text: 'Aarhus' } }],
    });
  });

  it('A change of a resource is told to who subscribed to it, until they unsubscribe.', async () => {
    const { session, stage } = await openPlace(setting);
    const other = await openSession(session.world, TOKENS.acme);
    const [subscribed, bystander] = stage.instances;
    const streams = [await session.listen(), await other.listen()] as const;
    const subscribe = await answerOf(await session.post(request(1, 'resources/subscribe', { uri: WEATHER })));
    expect(subscribe.result).toEqual({});
    await subscribed?.touch(WEATHER);
    await bystander?.touch(WEATHER);
    expect((await streams[0].untilMethod('notifications/resources/updated')).params).toEqual({
      uri: WEATHER,
    });
    await answerOf(await session.post(request(2, 'resources/unsubscribe', { uri: WEATHER })));
    await subscribed?.touch(WEATHER);
    // What comes behind it says that nothing came before.
    for (const one of [session, other]) one.world.tessera.notify('acme').toolsChanged();
    for (const stream of streams) await stream.untilMethod('notifications/tools/list_changed');
    expect(streams.map((stream) => stream.count('notifications/resources/updated'))).toEqual([1, 0]);
  });

  it('A change of a resource waits for the GET stream of a client that has none.', async () => {
    const { session, stage } = await openPlace(setting);
    await answerOf(await session.post(request(1, 'resources/subscribe', { uri: WEATHER })));
    await stage.newest().touch(WEATHER);
    const standing = await session.listen();
    expect((await standing.untilMethod('notifications/resources/updated')).params).toEqual({ uri: WEATHER });
  });

  it('A server that takes over knows what its client had subscribed to.', async () => {
    const { session, stage, world } = await openPlace(setting);
    const standing = await session.listen();
    await answerOf(await session.post(request(1, 'resources/subscribe', { uri: WEATHER })));
    const next = new FullStage();
    await world.tessera.updateTenant('acme', { server: () => makeFullServer(setting.sdk, next) });
    await answerOf(await session.post(request(2, 'resources/read', { uri: WEATHER })));
    expect(next.newest().subscriptions).toEqual(new Set([WEATHER]));
    expect(next.newest()).not.toBe(stage.newest());
    await next.newest().touch(WEATHER);
    await standing.untilMethod('notifications/resources/updated');
  });

  it('A question outside of any call is answered through the GET stream.', async () => {
    const { session, stage } = await openPlace(setting);
    const standing = await session.listen();
    const asking = stage.newest().elicit('Still there?');
    const question = await standing.untilMethod('elicitation/create');
    expect(question.params?.message).toBe('Still there?');
    await reply(session, question, { action: 'accept', content: {} });
    expect(await asking).toMatchObject({ action: 'accept' });
  });

  it('A question outside of any call is put to a client that opens no stream with its next call, which is answered, too.', async () => {
    const { session, stage } = await openPlace(setting);
    const asking = stage.newest().elicit('Anybody?');
    const read = await session.post(request(1, 'resources/read', { uri: WEATHER }));
    const messages = await messagesOf(read);
    const question = messages.find((message) => message.method === 'elicitation/create');
    expect(
      messages.find((message) => message.id === 1 && message.result !== undefined)?.result,
    ).toMatchObject({
      contents: [{ text: 'rain' }],
    });
    if (question === undefined) throw new Error('Nobody was asked.');
    await reply(session, question, { action: 'decline' });
    expect(await asking).toMatchObject({ action: 'decline' });
  });
});
