import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { serverV1, serverV2 } from '../one-line-server/helpers/servers.js';
import { gate, pause } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { request } from '../session-era/helpers/messages.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from '../session-era/helpers/world.js';
import { HandMadeServer, hookConnect } from './helpers/hand-made-server.js';
import { until, within } from './helpers/waiting.js';

afterEach(closeEverything);

const NOTHING_LEFT = { activeSessions: 0, activeServers: 0, callsInFlight: 0, openStreams: 0 };

const MAKERS: readonly [string, () => McpServerLike][] = [
  ['hand-made server', () => new HandMadeServer('hand-made')],
  ['server of SDK v1', () => serverV1('v1')],
  ['server of SDK v2', () => serverV2('v2')],
];

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
  it.each(MAKERS)(
    'The call of a %s is answered with an internal error and is over.',
    async (_which, make) => {
      const world = await createWorld(setting, {}, { server: () => throwingAtPing(make()) });
      const session = await openSession(world, TOKENS.acme);
      const response = await within(2000, session.post(request('seven', 'ping')));
      const answer = await answerOf(response);
      expect(answer).toMatchObject({ id: 'seven', error: { code: -32603 } });
      expect(JSON.stringify(answer)).not.toContain('db.internal');
      expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 1 });
      expect(world.events('transportError').map(({ error }) => error.message)).toEqual([
        'boom at db.internal',
      ]);
    },
  );

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

describe.each(HOSTS)('Servers that are connected after limits.factoryMs ($name)', (setting) => {
  it.each(MAKERS)('A %s leaves nothing in use and is closed.', async (_which, make) => {
    const late = gate();
    const log: string[] = [];
    const server = (): McpServerLike => {
      const made = make();
      const close = made.close.bind(made);
      made.close = () => {
        log.push('closed');
        return close();
      };
      return hookConnect(made, async (connect) => {
        await late.opened;
        await connect();
        log.push('connected');
      });
    };
    const world = await createWorld(setting, { limits: { factoryMs: 60 } }, { server });
    const responses = await Promise.all([1, 2, 3].map(() => initialize(world, TOKENS.acme)));
    expect(responses.map(({ status }) => status)).toEqual([504, 504, 504]);
    log.length = 0;
    late.open();
    await until(() => {
      expect(log.filter((entry) => entry === 'connected')).toHaveLength(3);
    });
    await pause(30);
    expect(log.slice(-3)).toEqual(['closed', 'closed', 'closed']);
    expect(world.tessera.getStats()).toMatchObject(NOTHING_LEFT);
    expect(world.events('sessionCreated')).toHaveLength(0);
    expect(world.events('serverFailed')).toHaveLength(3);
  });

  it.each<[string, () => ReturnType<typeof serverV1> | ReturnType<typeof serverV2>]>([
    ['SDK v1', () => serverV1('late')],
    ['SDK v2', () => serverV2('late')],
  ])('A server of %s is told that it is closed.', async (_sdk, make) => {
    const late = gate();
    const connected = gate();
    const made = make();
    const onClose = vi.fn();
    made.server.onclose = onClose;
    const server = (): McpServerLike =>
      hookConnect(made, async (connect) => {
        await late.opened;
        await connect();
        connected.open();
      });
    const world = await createWorld(setting, { limits: { factoryMs: 60 } }, { server });
    expect((await initialize(world, TOKENS.acme)).status).toBe(504);
    late.open();
    await connected.opened;
    await pause(30);
    expect(onClose).toHaveBeenCalledTimes(1);
    expect(made.isConnected()).toBe(false);
  });
});

describe.each(HOSTS)('Servers that close themselves ($name)', (setting) => {
  it.each([
    ['while its answer is taken', false],
    ['as soon as its answer was taken', true],
  ])('One that does so with initialize, %s, gives the client no session.', async (_when, isTaken) => {
    const server = (): McpServerLike => {
      const v1 = serverV1('gone');
      return hookConnect(v1, async (connect, transport) => {
        const send = transport.send.bind(transport);
        transport.send = async (message, options) => {
          const sent = send(message, options);
          if (isTaken) await sent;
          if ('result' in message) await v1.close();
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
