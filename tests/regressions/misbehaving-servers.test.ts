import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { serverV1, serverV2 } from '../one-line-server/helpers/servers.js';
import { gate } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { request } from '../session-era/helpers/messages.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from '../session-era/helpers/world.js';
import { HandMadeServer, hookConnect } from './helpers/hand-made-server.js';
import { until, within } from './helpers/waiting.js';

afterEach(closeEverything);

const NOTHING_LEFT = { activeSessions: 0, activeServers: 0, callsInFlight: 0, openStreams: 0 };

/** Lets a server throw at every `ping`, before it has done anything. */
const throwingAtPing = (server: McpServerLike): McpServerLike =>
  hookConnect(server, async (connect, transport) => {
    await connect();
    const own = transport.onmessage;
    transport.onmessage = (message, extra) => {
      if (message.method === 'ping') throw new Error('boom at db.internal');
      own?.(message, extra);
    };
  });

describe.each(HOSTS)('Servers that throw when they are given a message ($name)', (setting) => {
  it.each([
    ['hand-made server', (): McpServerLike => new HandMadeServer('hand-made')],
    ['server of SDK v1', (): McpServerLike => serverV1('v1')],
    ['server of SDK v2', (): McpServerLike => serverV2('v2')],
  ])('The call of a %s is answered with an internal error and is over.', async (_which, make) => {
    const world = await createWorld(setting, {}, { server: () => throwingAtPing(make()) });
    const session = await openSession(world, TOKENS.acme);
    const response = await within(2000, session.post(request('seven', 'ping')));
    const answer = await answerOf(response);
    expect(answer).toMatchObject({ id: 'seven', error: { code: -32603 } });
    expect(JSON.stringify(answer)).not.toContain('db.internal');
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 1 });
    expect(world.events('transportError').map(({ error }) => error.message)).toEqual(['boom at db.internal']);
  });

  it('A notification that makes a server throw is accepted, and the session goes on.', async () => {
    const server = (): McpServerLike =>
      new HandMadeServer('hand-made', {
        onMessage: ({ method }) => {
          throw new Error(`cannot take ${String(method)}`);
        },
      });
    const world = await createWorld(setting, {}, { server });
    const session = await openSession(world, TOKENS.acme);
    expect(world.events('transportError')).toHaveLength(1);
    const answer = await answerOf(await within(2000, session.post(request(1, 'tools/list'))));
    expect(answer).toMatchObject({ id: 1, error: { code: -32603 } });
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 1 });
  });
});

describe.each(HOSTS)('Servers that are connected too late ($name)', (setting) => {
  it('One that is connected after limits.factoryMs leaves nothing in use and is closed.', async () => {
    const late = gate();
    const made: HandMadeServer[] = [];
    const server = (): McpServerLike => {
      const one = new HandMadeServer('late', { beforeConnect: late.opened });
      made.push(one);
      return one;
    };
    const world = await createWorld(setting, { limits: { factoryMs: 60 } }, { server });
    const responses = await Promise.all([1, 2, 3].map(() => initialize(world, TOKENS.acme)));
    expect(responses.map(({ status }) => status)).toEqual([504, 504, 504]);
    late.open();
    await until(() => {
      expect(made.map(({ closed }) => closed > 0)).toEqual([true, true, true]);
    });
    expect(world.tessera.getStats()).toMatchObject(NOTHING_LEFT);
    expect(world.events('sessionCreated')).toHaveLength(0);
  });

  it('A server of SDK v1 that is connected after limits.factoryMs is not left connected.', async () => {
    const late = gate();
    const v1 = serverV1('late');
    const connected = gate();
    const server = (): McpServerLike =>
      hookConnect(v1, async (connect) => {
        await late.opened;
        await connect();
        connected.open();
      });
    const world = await createWorld(setting, { limits: { factoryMs: 60 } }, { server });
    expect((await initialize(world, TOKENS.acme)).status).toBe(504);
    late.open();
    await connected.opened;
    await until(() => {
      expect(v1.isConnected()).toBe(false);
    });
    expect(world.tessera.getStats()).toMatchObject(NOTHING_LEFT);
  });
});

describe.each(HOSTS)('Servers that close themselves ($name)', (setting) => {
  it.each([
    ['in the same turn', (close: () => void): void => void close()],
    ['a moment later', (close: () => void): void => void Promise.resolve().then(close)],
  ])('One that does so after initialize, %s, gives the client no session.', async (_when, soon) => {
    const server = (): McpServerLike => {
      const v1 = serverV1('gone');
      return hookConnect(v1, async (connect, transport) => {
        const send = transport.send.bind(transport);
        transport.send = async (message, options) => {
          await send(message, options);
          if ('result' in message) soon(() => void v1.close());
        };
        await connect();
      });
    };
    const world = await createWorld(setting, {}, { server });
    const response = await within(2000, initialize(world, TOKENS.acme));
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.headers.get('mcp-session-id')).toBeNull();
    expect(await answerOf(response)).toHaveProperty('error');
    expect(world.tessera.getStats()).toMatchObject(NOTHING_LEFT);
    expect(world.events('sessionCreated')).toHaveLength(0);
    expect(world.events('serverFailed')).toHaveLength(1);
  });
});
