import type { TokenRecord } from '@tessera-mcp/core';
import { serve } from '@tessera-mcp/node';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../one-line-server/helpers/watch.js';
import { closeEverything, closeLater } from '../session-era/helpers/cleanup.js';
import { toolCall } from '../session-era/helpers/messages.js';
import { openSession } from '../session-era/helpers/session.js';
import { createWorld, IN_PROCESS, newToken, OVER_SOCKET, TOKENS } from '../session-era/helpers/world.js';
import { countConnections, openConnection, requestText } from './helpers/connections.js';
import { until } from './helpers/waiting.js';

afterEach(closeEverything);

describe('Requests that follow each other on one connection', () => {
  it('A GET stream that waits behind a slow POST is released when the connection is lost.', async () => {
    const world = await createWorld(OVER_SOCKET);
    const session = await openSession(world, TOKENS.acme);
    const socket = openConnection(world.port);
    const call = JSON.stringify(toolCall(1, 'hold', 'slow'));
    socket.write(requestText('POST', session.caller, call) + requestText('GET', session.caller));
    const held = await world.acme.untilHeld('slow');
    await until(() => {
      expect(world.tessera.getStats().openStreams).toBe(1);
    });
    socket.destroy();
    await until(() => {
      expect(world.tessera.getStats().openStreams).toBe(0);
    });
    expect(world.tessera.getStats().callsInFlight).toBe(1);
    held.release();
    await until(() => {
      expect(world.tessera.getStats().callsInFlight).toBe(0);
    });
  });

  it('A GET stream that is opened after its connection was lost is released at once.', async () => {
    let open = Promise.resolve();
    let asked = 0;
    const find = async (digest: string): Promise<TokenRecord> => {
      asked += 1;
      await open;
      return { tokenId: 'row-1', tenantId: 'acme', digest, fingerprint: 'row', scopes: [] };
    };
    const world = await createWorld(IN_PROCESS, { auth: { registries: [{ find }] } });
    const served = await serve(world.tessera);
    closeLater(() => served.close());
    const first = await openSession(world, TOKENS.acme);
    const second = await openSession(world, newToken());
    const handled = world.events('requestHandled').length;
    const found = gate();
    open = found.opened;
    asked = 0;
    const socket = openConnection(served.port);
    const call = JSON.stringify(toolCall(1, 'hold', 'slow'));
    socket.write(requestText('POST', first.caller, call) + requestText('GET', second.caller));
    const held = await world.acme.untilHeld('slow');
    await until(() => {
      expect(asked).toBe(1);
    });
    socket.destroy();
    await until(async () => {
      expect(await countConnections(served.server)).toBe(0);
    });
    found.open();
    await until(() => {
      expect(world.events('requestHandled')).toHaveLength(handled + 1);
    });
    await until(() => {
      expect(world.tessera.getStats()).toMatchObject({ openStreams: 0, callsInFlight: 1 });
    });
    held.release();
    await until(() => {
      expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 2 });
    });
  });

  it('The session of a pipelined GET whose connection was lost can become idle and end.', async () => {
    const world = await createWorld(OVER_SOCKET, { sessions: { idleMs: 150 } });
    const session = await openSession(world, TOKENS.acme);
    const socket = openConnection(world.port);
    const call = JSON.stringify(toolCall(1, 'hold', 'slow'));
    socket.write(requestText('POST', session.caller, call) + requestText('GET', session.caller));
    const held = await world.acme.untilHeld('slow');
    await until(() => {
      expect(world.tessera.getStats().openStreams).toBe(1);
    });
    socket.destroy();
    held.release();
    await until(() => {
      expect(world.events('sessionEnded').map(({ reason }) => reason)).toEqual(['idle']);
    });
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, openStreams: 0, callsInFlight: 0 });
  });
});
