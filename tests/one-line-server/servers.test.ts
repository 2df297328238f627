import { describe, expect, it } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { flavours, namesOf, serverV1, serverV2, textOf } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { pause } from './helpers/watch.js';

const TOKEN = 'servers-token-94cf20bb71de';

describe.each(adapters)('what a factory may return to a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it.each(flavours)('serves $flavour to a client of SDK v1', async ({ of }) => {
    const { url } = await stage.start({ [TOKEN]: of('tools-server') });
    const { client, sessionId } = await stage.connect(url, TOKEN);
    expect(sessionId).not.toBe('');
    expect(client.getServerVersion()).toMatchObject({ name: 'tools-server', version: '1.2.3' });
    expect(namesOf(await client.listTools())).toEqual(['greet']);
    expect(textOf(await client.callTool({ name: 'greet', arguments: {} }))).toBe('tools-server/greet');
  });

  it.each(flavours)('serves $flavour to a client of SDK v2', async ({ of }) => {
    const { url } = await stage.start({ [TOKEN]: of('tools-server') });
    const client = await stage.connectModern(url, TOKEN);
    expect(client.getServerVersion()).toMatchObject({ name: 'tools-server', version: '1.2.3' });
    expect(namesOf(await client.listTools())).toEqual(['greet']);
    expect(textOf(await client.callTool({ name: 'greet', arguments: {} }))).toBe('tools-server/greet');
  });

  it('serves servers of both SDKs side by side to clients of both', async () => {
    const { url } = await stage.start({
      'side-one-3f21': () => serverV1('older', ['old-tool']),
      'side-two-9a40': () => serverV2('newer', ['new-tool']),
    });
    const [oldOfOld, oldOfNew] = [
      await stage.connect(url, 'side-one-3f21'),
      await stage.connectModern(url, 'side-one-3f21'),
    ];
    const [newOfOld, newOfNew] = [
      await stage.connect(url, 'side-two-9a40'),
      await stage.connectModern(url, 'side-two-9a40'),
    ];
    expect(namesOf(await oldOfOld.client.listTools())).toEqual(['old-tool']);
    expect(namesOf(await oldOfNew.listTools())).toEqual(['old-tool']);
    expect(namesOf(await newOfOld.client.listTools())).toEqual(['new-tool']);
    expect(namesOf(await newOfNew.listTools())).toEqual(['new-tool']);
  });

  it('waits for an asynchronous factory', async () => {
    const { url } = await stage.start({
      [TOKEN]: async () => {
        await pause(30);
        return serverV2('slow to make');
      },
    });
    const { client } = await stage.connect(url, TOKEN);
    expect(textOf(await client.callTool({ name: 'greet' }))).toBe('slow to make/greet');
  });

  it('makes one server for each session, so that sessions share no state', async () => {
    let made = 0;
    const { url } = await stage.start({
      [TOKEN]: () => {
        made += 1;
        return serverV1(`instance-${String(made)}`);
      },
    });
    const first = await stage.connect(url, TOKEN);
    const second = await stage.connect(url, TOKEN);
    expect(first.sessionId).not.toBe(second.sessionId);
    const texts = [
      textOf(await first.client.callTool({ name: 'greet' })),
      textOf(await second.client.callTool({ name: 'greet' })),
    ];
    expect(new Set(texts).size).toBe(2);
  });

  it('serves many clients of one token at the same time', async () => {
    const { url, server } = await stage.start({ [TOKEN]: () => serverV1('busy') });
    const clients = await Promise.all(Array.from({ length: 10 }, () => stage.connect(url, TOKEN)));
    const texts = await Promise.all(
      clients.map(async ({ client }) => textOf(await client.callTool({ name: 'greet' }))),
    );
    expect(texts).toEqual(Array.from({ length: 10 }, () => 'busy/greet'));
    expect(server.getStats()).toMatchObject({ activeServers: 1, activeSessions: 10 });
  });
});
