import { describe, expect, it } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { freePort, occupyPort } from './helpers/ports.js';
import { post, initialize } from './helpers/raw.js';
import { serverV1 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect, rejectionOf, thrownBy } from './helpers/watch.js';

const TOKEN = 'lifecycle-errors-88b1c5d02f7e';

describe.each(adapters)('a misused life of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('rejects a second start and stays running', async () => {
    const { server, info } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const error = await rejectionOf(server.start());
    expect(error.code).toBe('already_started');
    expect(error.message).toMatch(/start\(\) once|stop\(\)/);
    expect(server.isRunning()).toBe(true);
    expect(server.getServerInfo()).toEqual(info);
    const response = await post(info.url, TOKEN, initialize);
    expect(response.status).toBe(200);
    await response.text();
  });

  it('rejects a second start while the first is pending, which succeeds', async () => {
    const server = stage.make();
    const started = collect(server, 'started');
    const first = server.start();
    const error = await rejectionOf(server.start());
    expect(error.code).toBe('already_started');
    const info = await first;
    expect(started).toEqual([[info]]);
  });

  it('rejects a stop before the start', async () => {
    const server = stage.make();
    const stopped = collect(server, 'stopped');
    const error = await rejectionOf(server.stop());
    expect(error.code).toBe('not_running');
    expect(error.message).toMatch(/start/i);
    expect(stopped).toEqual([]);
    expect((await server.start()).port).toBeGreaterThan(0);
  });

  it('rejects a second stop after it has stopped', async () => {
    const { server } = await stage.start({});
    const stopped = collect(server, 'stopped');
    await server.stop();
    expect((await rejectionOf(server.stop())).code).toBe('not_running');
    expect(stopped).toHaveLength(1);
  });

  it('aborts a pending start when it is stopped, frees the port, and starts again', async () => {
    const port = await freePort();
    const server = stage.make({ port }).addToken(TOKEN, () => serverV1('one'));
    const started = collect(server, 'started');
    const starting = rejectionOf(server.start());
    await expect(server.stop()).resolves.toBeUndefined();
    expect((await starting).code).toBe('start_aborted');
    expect(server.isRunning()).toBe(false);
    expect(server.getServerInfo()).toBeNull();
    expect(started).toEqual([]);
    const { free } = await occupyPort(port);
    await free();
    const info = await server.start();
    expect(info.port).toBe(port);
    const response = await post(info.url, TOKEN, initialize);
    expect(response.status).toBe(200);
    await response.text();
  });

  it('rejects start on a port that is in use, and starts when it is free', async () => {
    const { port, free } = await occupyPort();
    let isFree = false;
    stage.later(() => (isFree ? undefined : free()));
    const server = stage.make({ port }).addToken(TOKEN, () => serverV1('one'));
    const started = collect(server, 'started');
    const error = await rejectionOf(server.start());
    expect(error.code).toBe('port_in_use');
    expect(error.message).toContain(String(port));
    expect(server.isRunning()).toBe(false);
    expect(server.getServerInfo()).toBeNull();
    expect(started).toEqual([]);
    expect((await rejectionOf(server.start())).code).toBe('port_in_use');
    await free();
    isFree = true;
    const info = await server.start();
    expect(info.port).toBe(port);
    expect(started).toEqual([[info]]);
  });

  it('refuses a second one-line server on the port of the first, which goes on', async () => {
    const first = await stage.start({ [TOKEN]: () => serverV1('first') });
    const second = stage.make({ port: first.info.port });
    expect((await rejectionOf(second.start())).code).toBe('port_in_use');
    const response = await post(first.url, TOKEN, initialize);
    expect(response.status).toBe(200);
    await response.text();
  });

  it('refuses addToken while it is stopping, and takes it after', async () => {
    const { server } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const added = collect(server, 'tokenAdded');
    const stopping = server.stop();
    const error = thrownBy(() => server.addToken('too-late-41b7d0aa', () => serverV1('late')));
    expect(error.code).toBe('server_stopping');
    expect(error.message).not.toContain('too-late-41b7d0aa');
    await stopping;
    expect(server.hasToken('too-late-41b7d0aa')).toBe(false);
    expect(added).toEqual([]);
    server.addToken('too-late-41b7d0aa', () => serverV1('late'));
    const { url } = await server.start();
    const { client } = await stage.connect(url, 'too-late-41b7d0aa');
    expect(client.getServerVersion()?.name).toBe('late');
  });
});
