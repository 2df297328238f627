import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import {
  callTool,
  headersFor,
  initialize,
  listTools,
  openSession,
  post,
  readMessage,
  type Refusal,
} from './helpers/raw.js';
import { serverV1, textOf, waitingServer } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect, gate, thrownBy } from './helpers/watch.js';

const ALPHA = 'tokens-alpha-2c9f41d7b6';
const BETA = 'tokens-beta-7710ae53fd';

describe.each(adapters)('the tokens of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('are managed by methods that return the server', () => {
    const server = stage.make();
    expect(server.addToken(ALPHA, () => serverV1('alpha'))).toBe(server);
    expect(server.updateToken(ALPHA, () => serverV1('alpha'))).toBe(server);
    expect(server.removeToken(ALPHA)).toBe(server);
  });

  it('are listed in the order they were added, and found', () => {
    const server = stage.make().addToken(ALPHA, () => serverV1('alpha'));
    server.addToken(BETA, () => serverV1('beta'));
    expect(server.getTokens()).toEqual([ALPHA, BETA]);
    expect(server.hasToken(ALPHA)).toBe(true);
    expect(server.hasToken('somebody-else')).toBe(false);
    expect(server.hasToken('')).toBe(false);
    server.removeToken(ALPHA);
    expect(server.getTokens()).toEqual([BETA]);
    expect(server.hasToken(ALPHA)).toBe(false);
  });

  it('cannot be changed through the list that getTokens returned', () => {
    const server = stage.make().addToken(ALPHA, () => serverV1('alpha'));
    server.getTokens().length = 0;
    expect(server.getTokens()).toEqual([ALPHA]);
  });

  it('do not run their factory before a client comes', async () => {
    const factory = vi.fn(() => serverV1('alpha'));
    const { url } = await stage.start({ [ALPHA]: factory });
    expect(factory).not.toHaveBeenCalled();
    await openSession(url, ALPHA);
    expect(factory).toHaveBeenCalled();
  });

  it('emit tokenAdded, tokenUpdated and tokenRemoved with the token itself', () => {
    const server = stage.make();
    const added = collect(server, 'tokenAdded');
    const updated = collect(server, 'tokenUpdated');
    const removed = collect(server, 'tokenRemoved');
    server.addToken(ALPHA, () => serverV1('alpha'));
    server.updateToken(ALPHA, () => serverV1('new alpha'));
    server.removeToken(ALPHA);
    expect([added, updated, removed]).toEqual([[[ALPHA]], [[ALPHA]], [[ALPHA]]]);
  });

  it('can be added again after they were removed, with another server', async () => {
    const { server, url } = await stage.start({ [ALPHA]: () => serverV1('first') });
    await openSession(url, ALPHA);
    server.removeToken(ALPHA).addToken(ALPHA, () => serverV1('second'));
    const { client } = await stage.connect(url, ALPHA);
    expect(textOf(await client.callTool({ name: 'greet' }))).toBe('second/greet');
  });

  it('do not revive a session when they are added again', async () => {
    const { server, url } = await stage.start({ [ALPHA]: () => serverV1('first') });
    const sessionId = await openSession(url, ALPHA);
    server.removeToken(ALPHA).addToken(ALPHA, () => serverV1('second'));
    const response = await post(url, ALPHA, listTools, sessionId);
    expect(response.status).toBe(404);
    await response.text();
  });

  it('ignore the removal of an unknown one', () => {
    const server = stage.make().addToken(ALPHA, () => serverV1('alpha'));
    const removed = collect(server, 'tokenRemoved');
    expect(server.removeToken(BETA)).toBe(server);
    expect(server.removeToken('not, a token\r\n')).toBe(server);
    expect(removed).toEqual([]);
    expect(server.getTokens()).toEqual([ALPHA]);
  });

  it('refuse the update of an unknown one', () => {
    const server = stage.make();
    const updated = collect(server, 'tokenUpdated');
    const error = thrownBy(() => server.updateToken(BETA, () => serverV1('beta')));
    expect(error.code).toBe('unknown_token');
    expect(error.message).toContain('addToken');
    expect(error.message).not.toContain(BETA);
    expect(updated).toEqual([]);
    expect(server.hasToken(BETA)).toBe(false);
  });

  it('answer 401 from the moment they are removed, with and without a session', async () => {
    const { server, url } = await stage.start({
      [ALPHA]: () => serverV1('alpha'),
      [BETA]: () => serverV1('beta'),
    });
    const sessionId = await openSession(url, ALPHA);
    const neighbour = await openSession(url, BETA);
    server.removeToken(ALPHA);
    for (const response of [
      await post(url, ALPHA, listTools, sessionId),
      await post(url, ALPHA, initialize),
      await fetch(url, { headers: headersFor(ALPHA, sessionId) }),
      await fetch(url, { method: 'DELETE', headers: headersFor(ALPHA, sessionId) }),
    ]) {
      expect(response.status).toBe(401);
      expect(((await response.json()) as Refusal).error).toBe('invalid_token');
    }
    expect((await readMessage(await post(url, BETA, listTools, neighbour))).result).toBeDefined();
  });

  it('cut off open streams and answer waiting calls with 401 when they are removed', async () => {
    const called = gate();
    const aborted = gate();
    const { server, url } = await stage.start({
      [ALPHA]: () =>
        waitingServer('alpha', (signal) => {
          signal.addEventListener('abort', aborted.open);
          called.open();
          return new Promise(() => undefined);
        }),
    });
    const sessionId = await openSession(url, ALPHA);
    const stream = await fetch(url, {
      headers: { ...headersFor(ALPHA, sessionId), accept: 'text/event-stream' },
    });
    const streamed = stream.text().then(
      () => 'ended',
      () => 'ended',
    );
    const waiting = post(url, ALPHA, callTool('wait'), sessionId);
    await called.opened;
    server.removeToken(ALPHA);
    const response = await waiting;
    expect(response.status).toBe(401);
    expect(Object.keys((await response.json()) as Refusal).sort()).toEqual(['error', 'error_description']);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(await streamed).toBe('ended');
    await aborted.opened;
    expect(server.getStats()).toMatchObject({ registeredTokens: 0, activeServers: 0, activeSessions: 0 });
  });

  it('fail the calls of a real client when they are removed', async () => {
    const called = gate();
    const { server, url } = await stage.start({
      [ALPHA]: () =>
        waitingServer('alpha', () => {
          called.open();
          return new Promise(() => undefined);
        }),
    });
    const { client } = await stage.connect(url, ALPHA);
    const waiting = client.callTool({ name: 'wait' });
    const failed = expect(waiting).rejects.toThrow();
    await called.opened;
    server.removeToken(ALPHA);
    await failed;
    await expect(client.listTools()).rejects.toThrow();
  });

  it('do not open a session when they are removed while their factory runs', async () => {
    const asked = gate();
    const release = gate();
    const { server, url } = await stage.start({
      [ALPHA]: async () => {
        asked.open();
        await release.opened;
        return serverV1('late');
      },
    });
    const created = collect(server, 'sessionCreated');
    const opening = post(url, ALPHA, initialize);
    await asked.opened;
    server.removeToken(ALPHA);
    release.open();
    const response = await opening;
    expect(response.status).toBe(401);
    await response.text();
    expect(server.getStats()).toMatchObject({ activeServers: 0, activeSessions: 0 });
    expect(created).toEqual([]);
  });
});
