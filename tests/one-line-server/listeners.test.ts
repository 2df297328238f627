import type { Listener, PerBearerEvents } from '@tessera-mcp/core';
import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { initialize, post } from './helpers/raw.js';
import { serverV1, textOf } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';

const TOKEN = 'listeners-token-b26d0f4917';

type Name = keyof PerBearerEvents;

const during: readonly Name[] = [
  'started',
  'tokenAdded',
  'tokenUpdated',
  'serverRegistered',
  'sessionCreated',
  'toolCalled',
  'sessionEnded',
  'serverRemoved',
  'tokenRemoved',
  'stopped',
];

const bad: readonly { readonly how: string; readonly listener: () => unknown }[] = [
  {
    how: 'throw',
    listener: () => {
      throw new Error('A listener threw.');
    },
  },
  { how: 'reject', listener: () => Promise.reject(new Error('A listener rejected.')) },
];

describe.each(adapters)('the listeners of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it.each(bad)('that $how change no response and stop no other listener', async ({ listener }) => {
    const server = stage.make();
    const heard: Name[] = [];
    for (const name of during) {
      server.on(name, listener);
      server.on(name, () => void heard.push(name));
    }
    expect(server.addToken(TOKEN, () => serverV1('first'))).toBe(server);
    expect(server.updateToken(TOKEN, () => serverV1('calm'))).toBe(server);
    const { url } = await server.start();
    const { client, transport } = await stage.connect(url, TOKEN);
    expect(textOf(await client.callTool({ name: 'greet' }))).toBe('calm/greet');
    await vi.waitFor(() => {
      expect(heard).toContain('toolCalled');
    });
    await transport.terminateSession();
    expect(server.removeToken(TOKEN)).toBe(server);
    await server.stop();
    expect([...new Set(heard)].sort()).toEqual([...during].sort());
  });

  it.each(bad)('that $how at serverFailed leave the masked answer as it is', async ({ listener }) => {
    const { server, url } = await stage.start({
      [TOKEN]: () => {
        throw new Error('secret reason');
      },
    });
    const heard = vi.fn();
    server
      .on('serverFailed', listener as Listener<PerBearerEvents['serverFailed']>)
      .on('serverFailed', heard);
    await expect(stage.connect(url, TOKEN)).rejects.toThrow(/could not be started/);
    expect(heard).toHaveBeenCalledTimes(1);
    const response = await post(url, TOKEN, initialize);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });

  it('hear an event once with once, and never again after off', async () => {
    const server = stage.make();
    const [always, single, never] = [vi.fn(), vi.fn(), vi.fn()];
    expect(server.on('tokenAdded', always)).toBe(server);
    expect(server.once('tokenAdded', single)).toBe(server);
    expect(server.on('tokenAdded', never).off('tokenAdded', never)).toBe(server);
    server.addToken('listened-1-aa', () => serverV1('one')).addToken('listened-2-bb', () => serverV1('two'));
    expect(always.mock.calls).toEqual([['listened-1-aa'], ['listened-2-bb']]);
    expect(single.mock.calls).toEqual([['listened-1-aa']]);
    expect(never).not.toHaveBeenCalled();
    await server.start();
  });

  it('may use the server they listen to', async () => {
    const { server } = await stage.start({});
    const counts: number[] = [];
    server.on('tokenAdded', (token) => {
      counts.push(server.getStats().registeredTokens);
      expect(server.hasToken(token)).toBe(true);
      if (token === 'chain-one-11') server.addToken('chain-two-22', () => serverV1('two'));
    });
    server.addToken('chain-one-11', () => serverV1('one'));
    expect(counts).toEqual([1, 2]);
    expect(server.getTokens()).toEqual(['chain-one-11', 'chain-two-22']);
  });

  it('may remove the token whose session has just been created', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('short-lived') });
    server.on('sessionCreated', ({ token }) => {
      server.removeToken(token);
    });
    await stage.connect(url, TOKEN).catch(() => undefined);
    expect(server.getStats()).toMatchObject({ registeredTokens: 0, activeServers: 0, activeSessions: 0 });
    await expect(stage.connect(url, TOKEN)).rejects.toThrow();
  });
});
