import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../session-era/helpers/cleanup.js';
import { toolCall } from '../session-era/helpers/messages.js';
import { openSession } from '../session-era/helpers/session.js';
import { createWorld, OVER_SOCKET, TOKENS } from '../session-era/helpers/world.js';
import { openConnection, requestText } from './helpers/connections.js';
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

  it('A GET stream that comes when its connection is already lost is released too.', async () => {
    const world = await createWorld(OVER_SOCKET);
    const session = await openSession(world, TOKENS.acme);
    for (let round = 0; round < 5; round += 1) {
      const socket = openConnection(world.port);
      const text = `slow ${String(round)}`;
      const call = JSON.stringify(toolCall(round, 'hold', text));
      socket.write(requestText('POST', session.caller, call) + requestText('GET', session.caller), () => {
        socket.resetAndDestroy();
      });
    }
    await until(() => {
      expect(world.tessera.getStats().openStreams).toBe(0);
    });
    for (const held of world.acme.held) held.release();
    await until(() => {
      expect(world.tessera.getStats()).toMatchObject({ openStreams: 0, callsInFlight: 0 });
    });
  });

  it('The session of a pipelined GET whose connection was lost can become idle and end.', async () => {
    const world = await createWorld(OVER_SOCKET, { sessions: { idleMs: 150 } });
    const session = await openSession(world, TOKENS.acme);
    const socket = openConnection(world.port);
    const call = JSON.stringify(toolCall(1, 'hold', 'slow'));
    socket.write(requestText('POST', session.caller, call) + requestText('GET', session.caller));
    const held = await world.acme.untilHeld('slow');
    socket.destroy();
    held.release();
    await until(() => {
      expect(world.events('sessionEnded').map(({ reason }) => reason)).toEqual(['idle']);
    });
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, openStreams: 0, callsInFlight: 0 });
  });
});
