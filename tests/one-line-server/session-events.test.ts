import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { headersFor, openSession } from './helpers/raw.js';
import { answer, serverV1, serverV2, textOf } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect, pause } from './helpers/watch.js';

const TOKEN = 'session-events-e15a9c72f0';

describe.each(adapters)('the session events of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('say sessionCreated once for each session', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('with sessions') });
    const created = collect(server, 'sessionCreated');
    const before = Date.now();
    const { sessionId } = await stage.connect(url, TOKEN);
    const second = await openSession(url, TOKEN);
    const createdAt = expect.any(Date) as Date;
    expect(created).toEqual([
      [{ sessionId, token: TOKEN, serverName: 'with sessions', createdAt }],
      [{ sessionId: second, token: TOKEN, serverName: 'with sessions', createdAt }],
    ]);
    expect(created[0]?.[0].createdAt.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('say sessionEnded with the age in milliseconds when a client ends its session', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('with sessions') });
    const created = collect(server, 'sessionCreated');
    const ended = collect(server, 'sessionEnded');
    const { transport, sessionId } = await stage.connect(url, TOKEN);
    await pause(40);
    await transport.terminateSession();
    await vi.waitFor(() => {
      expect(ended).toHaveLength(1);
    });
    expect(ended[0]?.[0]).toEqual({
      sessionId,
      token: TOKEN,
      serverName: 'with sessions',
      createdAt: created[0]?.[0].createdAt,
      duration: expect.any(Number) as number,
    });
    expect(ended[0]?.[0].duration).toBeGreaterThanOrEqual(35);
    expect(ended[0]?.[0].duration).toBeLessThan(10_000);
  });

  it('say sessionEnded for each open session of a removed token, and for no other', async () => {
    const { server, url } = await stage.start({
      [TOKEN]: () => serverV1('removed'),
      'staying-token-08d5': () => serverV1('staying'),
    });
    const ended = collect(server, 'sessionEnded');
    const ids = [await openSession(url, TOKEN), await openSession(url, TOKEN)];
    await openSession(url, 'staying-token-08d5');
    server.removeToken(TOKEN);
    await vi.waitFor(() => {
      expect(ended).toHaveLength(2);
    });
    expect(ended.map(([event]) => event.sessionId).sort()).toEqual(ids.sort());
    for (const [event] of ended) expect(event).toMatchObject({ token: TOKEN, serverName: 'removed' });
  });

  it('say sessionEnded once when a session is ended twice', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('once') });
    const ended = collect(server, 'sessionEnded');
    const sessionId = await openSession(url, TOKEN);
    for (let round = 0; round < 2; round += 1) {
      const response = await fetch(url, { method: 'DELETE', headers: headersFor(TOKEN, sessionId) });
      await response.text();
    }
    await server.stop();
    expect(ended).toHaveLength(1);
  });

  it('say sessionEnded before stopped when the server stops', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('stopping') });
    const order: string[] = [];
    server.on('sessionEnded', () => void order.push('sessionEnded'));
    server.on('stopped', () => void order.push('stopped'));
    await openSession(url, TOKEN);
    await server.stop();
    expect(order).toEqual(['sessionEnded', 'stopped']);
  });
});

describe.each(adapters)('the toolCalled event of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('tells the tool, the token, the session, the duration and the success', async () => {
    const { server, url } = await stage.start({
      [TOKEN]: () => {
        const mcp = serverV1('timed');
        mcp.tool('slow', 'Takes its time', {}, async () => {
          await pause(40);
          return answer('done');
        });
        return mcp.server;
      },
    });
    const called = collect(server, 'toolCalled');
    const { client, sessionId } = await stage.connect(url, TOKEN);
    await client.listTools();
    expect(textOf(await client.callTool({ name: 'slow' }))).toBe('done');
    await vi.waitFor(() => {
      expect(called).toHaveLength(1);
    });
    const duration = expect.any(Number) as number;
    expect(called[0]).toEqual([{ toolName: 'slow', token: TOKEN, sessionId, duration, success: true }]);
    expect(called[0]?.[0].duration).toBeGreaterThanOrEqual(35);
    expect(called[0]?.[0].duration).toBeLessThan(10_000);
  });

  it('tells success false for a result with isError, a tool that throws and an unknown tool', async () => {
    const { server, url } = await stage.start({
      [TOKEN]: () => {
        const mcp = serverV1('failing');
        mcp.tool('complains', 'Answers with an error', {}, () => ({ ...answer('no'), isError: true }));
        mcp.tool('throws', 'Throws', {}, () => {
          throw new Error('broken');
        });
        return mcp;
      },
    });
    const called = collect(server, 'toolCalled');
    const { client } = await stage.connect(url, TOKEN);
    for (const name of ['complains', 'throws', 'unknown-tool']) {
      await client.callTool({ name }).catch(() => undefined);
    }
    await client.callTool({ name: 'greet' });
    await vi.waitFor(() => {
      expect(called.map(([call]) => [call.toolName, call.success])).toEqual([
        ['complains', false],
        ['throws', false],
        ['unknown-tool', false],
        ['greet', true],
      ]);
    });
  });

  it('fires for a client and a server of SDK v2 too', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV2('modern') });
    const called = collect(server, 'toolCalled');
    const client = await stage.connectModern(url, TOKEN);
    await client.callTool({ name: 'greet', arguments: {} });
    await vi.waitFor(() => {
      expect(called).toHaveLength(1);
    });
    expect(called[0]?.[0]).toMatchObject({ toolName: 'greet', token: TOKEN, success: true });
    expect(typeof called[0]?.[0].sessionId).toBe('string');
  });

  it('fires with success false for a call that its token outlived', async () => {
    let reached = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const { server, url } = await stage.start({
      [TOKEN]: () => {
        const mcp = serverV1('cut off');
        mcp.tool('forever', 'Never answers', {}, () => {
          reached();
          return new Promise<never>(() => undefined);
        });
        return mcp;
      },
    });
    const called = collect(server, 'toolCalled');
    const { client } = await stage.connect(url, TOKEN);
    const failed = expect(client.callTool({ name: 'forever' })).rejects.toThrow();
    await waiting;
    server.removeToken(TOKEN);
    await failed;
    await vi.waitFor(() => {
      expect(called.map(([call]) => [call.toolName, call.success])).toEqual([['forever', false]]);
    });
  });
});
