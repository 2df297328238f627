import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../session-era/helpers/cleanup.js';
import { request } from '../session-era/helpers/messages.js';
import { openSession } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from '../session-era/helpers/world.js';
import { HandMadeServer, type ServerSide } from './helpers/hand-made-server.js';

afterEach(closeEverything);

/** A frozen object with the two methods a server needs, and nothing else. */
function frozenServer(): McpServerLike {
  const inner = new HandMadeServer('frozen');
  return Object.freeze({
    connect: (transport: ServerSide) => inner.connect(transport),
    close: () => inner.close(),
  });
}

/** Something the servers of a program may share, which is no MCP server. */
const HTTP_SERVER = { listening: true };

class ServerOnHttp extends HandMadeServer {
  readonly server = HTTP_SERVER;

  constructor() {
    super('on http');
  }
}

/** The same with something that has one of a server's methods. */
class ServerOnSocket extends HandMadeServer {
  readonly server: { close(): void } = SOCKET;

  constructor() {
    super('on a socket');
  }
}

const SOCKET = { close: (): void => undefined, transport: 'tcp' };

describe.each(HOSTS)('Servers that are written without an SDK ($name)', (setting) => {
  it.each<[string, string, () => McpServerLike]>([
    ['that is frozen', 'frozen', frozenServer],
    ['with an unrelated property "server"', 'on http', () => new ServerOnHttp()],
    ['with an unrelated property "server" that can be closed', 'on a socket', () => new ServerOnSocket()],
  ])('One %s works for two sessions.', async (_which, name, server) => {
    const world = await createWorld(setting, {}, { server });
    const sessions = [await openSession(world, TOKENS.acme), await openSession(world, TOKENS.sibling)];
    expect(world.tessera.getActiveSessions().map(({ serverName }) => serverName)).toEqual([name, name]);
    for (const session of sessions) {
      const answer = await answerOf(await session.post(request('x', 'ping')));
      expect(answer).toMatchObject({ id: 'x', result: {} });
    }
    expect(world.events('serverFailed')).toHaveLength(0);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 2, callsInFlight: 0 });
  });

  it('What stands in an unrelated property "server" is left as it was.', async () => {
    const world = await createWorld(setting, {}, { server: () => new ServerOnHttp() });
    await openSession(world, TOKENS.acme);
    expect(HTTP_SERVER).toEqual({ listening: true });
  });
});
