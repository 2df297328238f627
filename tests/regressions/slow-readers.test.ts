import type { Server } from 'node:http';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { serve } from '@tessera-mcp/node';
import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../one-line-server/helpers/watch.js';
import { closeEverything, closeLater } from '../session-era/helpers/cleanup.js';
import { toolCall } from '../session-era/helpers/messages.js';
import { openSession } from '../session-era/helpers/session.js';
import { createWorld, IN_PROCESS, TOKENS, type World } from '../session-era/helpers/world.js';
import { countConnections, openConnection, requestText } from './helpers/connections.js';
import { until } from './helpers/waiting.js';

afterEach(closeEverything);

const LARGE = 'x'.repeat(500_000);

/** More than the buffers of both ends of a connection take. */
const MESSAGES = 60;

/** Serves a world whose own requests use no socket, so that every connection is the test's. */
async function serveWorld(world: World): Promise<{ server: Server; port: number }> {
  const served = await serve(world.tessera);
  closeLater(() => {
    served.server.closeAllConnections();
    return served.close();
  });
  return served;
}

async function expectNoConnection(server: Server): Promise<void> {
  await until(async () => {
    expect(await countConnections(server)).toBe(0);
  });
}

/** A server whose tool `flood` says a lot during a call. */
function floodingServer(): McpServer {
  const server = new McpServer({ name: 'flood', version: '1.0.0' }, { capabilities: { logging: {} } });
  server.registerTool('flood', {}, async ({ sendNotification }) => {
    for (let count = 0; count < MESSAGES; count += 1) {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data: LARGE } });
      await pause(1);
    }
    return { content: [] };
  });
  return server;
}

/** A server whose tool `burst` says a lot in one turn, before anybody can have read any of it. */
function burstingServer(onCall: () => void): McpServer {
  const server = new McpServer({ name: 'burst', version: '1.0.0' }, { capabilities: { logging: {} } });
  server.registerTool('burst', {}, async ({ sendNotification }) => {
    onCall();
    const params = { level: 'info' as const, data: LARGE };
    const sent = Array.from({ length: 5 }, () =>
      sendNotification({ method: 'notifications/message', params }),
    );
    await Promise.allSettled(sent);
    return { content: [] };
  });
  return server;
}

describe('A client of a server that says more at once than may wait', () => {
  it('Its connection ends, though nothing of its stream was written yet.', async () => {
    let called = false;
    const burst = (): McpServer =>
      burstingServer(() => {
        called = true;
      });
    const world = await createWorld(IN_PROCESS, { limits: { queuedBytes: 1_000_000 } }, { server: burst });
    const { server, port } = await serveWorld(world);
    const session = await openSession(world, TOKENS.acme);
    const connection = openConnection(port).resume();
    connection.write(requestText('POST', session.caller, JSON.stringify(toolCall(1, 'burst'))));
    await until(() => {
      expect(called).toBe(true);
    });
    await expectNoConnection(server);
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  });
});

describe('A client that never reads', () => {
  it('Its connection ends when more waits on its GET stream than limits.queuedBytes.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { queuedBytes: 1_000_000 } });
    const { server, port } = await serveWorld(world);
    const session = await openSession(world, TOKENS.acme);
    openConnection(port).pause().write(requestText('GET', session.caller));
    await until(() => {
      expect(world.tessera.getStats().openStreams).toBe(1);
    });
    expect(await countConnections(server)).toBe(1);
    for (let count = 0; count < MESSAGES && world.tessera.getStats().openStreams > 0; count += 1) {
      await world.acme.newest().log('info', LARGE);
      await pause(1);
    }
    expect(world.tessera.getStats()).toMatchObject({ openStreams: 0, callsInFlight: 0, activeSessions: 1 });
    expect(world.events('transportError')).toHaveLength(1);
    await expectNoConnection(server);
  });

  it('Its connection ends when more waits on the stream of its call than limits.queuedBytes.', async () => {
    const limits = { queuedBytes: 1_000_000 };
    const world = await createWorld(IN_PROCESS, { limits }, { server: floodingServer });
    const { server, port } = await serveWorld(world);
    const session = await openSession(world, TOKENS.acme);
    const call = JSON.stringify(toolCall(1, 'flood'));
    openConnection(port)
      .pause()
      .write(requestText('POST', session.caller, call));
    await until(() => {
      expect(world.tessera.getStats().callsInFlight).toBe(1);
    });
    expect(await countConnections(server)).toBe(1);
    await until(() => {
      expect(world.tessera.getStats()).toMatchObject({ openStreams: 0, callsInFlight: 0, activeSessions: 1 });
    });
    expect(world.events('transportError')).toHaveLength(1);
    await expectNoConnection(server);
  });
});
