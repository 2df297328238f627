import { describe, expect, it } from 'vitest';
import { getMcpDecorator } from '../src/index.js';
import { openRaw, postPing, textOf } from './helpers/raw-session.js';
import { FLAVOURS, serveShared } from './helpers/shared-server.js';

describe.each(FLAVOURS)('a session of one %s that all sessions share', (flavour) => {
  it('ends with DELETE, and neither the server nor the other sessions do', async () => {
    const { url, timesClosed } = await serveShared(flavour);
    const [gone, left] = await Promise.all([openRaw(url), openRaw(url)]);
    expect((await gone.delete()).ok).toBe(true);
    expect((await postPing(url, gone.id)).status).toBe(404);
    expect(textOf(await left.callTool(1, 'echo', 'left'))).toBe('echo: left');
    expect(textOf(await (await openRaw(url)).callTool(1, 'echo', 'new'))).toBe('echo: new');
    expect(timesClosed()).toBe(0);
  });

  it('aborts only its own calls when it is deleted, whatever their ids are', async () => {
    const { url, stage, timesClosed } = await serveShared(flavour);
    const [gone, left] = await Promise.all([openRaw(url), openRaw(url)]);
    const goneCall = gone.callTool(1, 'hold', 'gone').catch(() => 'settled');
    const leftCall = left.callTool(1, 'hold', 'left');
    await expect.poll(() => stage.held.size).toBe(2);
    await gone.delete();
    await expect.poll(() => stage.aborted).toEqual(['gone']);
    await goneCall;
    stage.release('left');
    expect(textOf(await leftCall)).toBe('held: left');
    expect(stage.aborted).toEqual(['gone']);
    expect(timesClosed()).toBe(0);
  });

  it('ends when it is idle, and neither the server nor a session with a call in flight does', async () => {
    const { url, app, stage, timesClosed } = await serveShared(flavour, { sessions: { idleMs: 1000 } });
    const ended: string[] = [];
    getMcpDecorator(app)
      .getSessionManager()
      .on('sessionDestroyed', (id) => ended.push(id));
    const busy = await openRaw(url);
    const call = busy.callTool(1, 'hold', 'busy');
    await expect.poll(() => stage.held.size).toBe(1);
    const idle = await openRaw(url);
    await expect.poll(() => ended, { timeout: 10_000 }).toEqual([idle.id]);
    expect(stage.aborted).toEqual([]);
    stage.release('busy');
    expect(textOf(await call)).toBe('held: busy');
    expect(textOf(await (await openRaw(url)).callTool(1, 'echo', 'new'))).toBe('echo: new');
    expect(timesClosed()).toBe(0);
  });

  it('ends when the plugin shuts down, its calls are aborted and the server is left open', async () => {
    const { url, app, stage, timesClosed } = await serveShared(flavour);
    const [busy, quiet] = await Promise.all([openRaw(url), openRaw(url)]);
    const call = busy.callTool(1, 'hold', 'busy').catch(() => 'settled');
    await expect.poll(() => stage.held.size).toBe(1);
    await getMcpDecorator(app).shutdown();
    await expect.poll(() => stage.aborted).toEqual(['busy']);
    await call;
    expect((await postPing(url, quiet.id)).status).not.toBe(200);
    expect(getMcpDecorator(app).getStats().activeSessions).toBe(0);
    await app.close();
    expect(timesClosed()).toBe(0);
  });

  it('cancels its own call only, when another session has a call with the same id', async () => {
    const { url, stage } = await serveShared(flavour);
    const [one, two] = await Promise.all([openRaw(url), openRaw(url)]);
    const cancelled = one.callTool(7, 'hold', 'one').catch(() => 'settled');
    const kept = two.callTool(7, 'hold', 'two');
    await expect.poll(() => stage.held.size).toBe(2);
    await one.post({ method: 'notifications/cancelled', params: { requestId: 7 } });
    await expect.poll(() => stage.aborted).toEqual(['one']);
    stage.release('two');
    expect(textOf(await kept)).toBe('held: two');
    expect(stage.aborted).toEqual(['one']);
    expect(textOf(await one.callTool(7, 'echo', 'again'))).toBe('echo: again');
    await one.delete();
    await cancelled;
  });

  it('does not cancel the call of another session whose id it names', async () => {
    const { url, stage } = await serveShared(flavour);
    const [stranger, caller] = await Promise.all([openRaw(url), openRaw(url)]);
    const call = caller.callTool(7, 'hold', 'caller');
    await expect.poll(() => stage.held.size).toBe(1);
    await stranger.post({ method: 'notifications/cancelled', params: { requestId: 7 } });
    expect(textOf(await stranger.callTool(1, 'echo', 'done'))).toBe('echo: done');
    stage.release('caller');
    expect(textOf(await call)).toBe('held: caller');
    expect(stage.aborted).toEqual([]);
  });
});
