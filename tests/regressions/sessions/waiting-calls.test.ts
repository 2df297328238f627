import { shareServer } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { request, toolCall } from '../../session-era/helpers/messages.js';
import { within } from '../helpers/waiting.js';
import { FakeServer } from './helpers/fake-server.js';
import { play, turns } from './helpers/play.js';
import { messageOf, open, post, remove } from './helpers/requests.js';

afterEach(closeEverything);

const AT_ONCE = 1000;

describe('Calls that wait', () => {
  it('A call that waits for a server is answered when its session is deleted, and the factory is stopped.', async () => {
    const { tessera, token } = play();
    const session = await open(tessera, token);
    const slow = gate();
    const signals: AbortSignal[] = [];
    await tessera.updateTenant('acme', {
      server: async ({ signal }) => {
        signals.push(signal);
        // The first is only tried out.
        if (signals.length > 1) await slow.opened;
        return new FakeServer();
      },
    });
    const waiting = post(tessera, { token, session }, request(3, 'tools/list'));
    await turns();
    expect(signals).toHaveLength(2);
    await remove(tessera, { token, session });
    await within(AT_ONCE, waiting);
    expect(signals[1]?.aborted).toBe(true);
    expect(tessera.getStats().callsInFlight).toBe(0);
    slow.open();
  });

  it('A call is answered when the shared server throws at its message.', async () => {
    const handlers = {
      'tools/list': (): never => {
        throw new Error('This server lists nothing.');
      },
    };
    const { tessera, token } = play({}, { server: shareServer(new FakeServer(handlers)) });
    const session = await open(tessera, token);
    const answer = await within(AT_ONCE, post(tessera, { token, session }, request(3, 'tools/list')));
    expect(messageOf(answer)).toHaveProperty('error');
  });

  it('A call that waits for beforeCall succeeds although the server that was replaced closes itself.', async () => {
    const slow = gate();
    let asked = 0;
    const beforeCall = async (): Promise<void> => {
      asked += 1;
      if (asked === 1) await slow.opened;
    };
    const { tessera, token, servers } = play({}, { hooks: { beforeCall } });
    const session = await open(tessera, token);
    const waiting = post(tessera, { token, session }, toolCall(7, 'add'));
    await turns();
    await tessera.updateTenant('acme', { server: () => new FakeServer() });
    await post(tessera, { token, session }, toolCall(8, 'add'));
    expect(asked).toBe(2);
    await servers[0]?.close();
    slow.open();
    expect(messageOf(await within(AT_ONCE, waiting))).toHaveProperty('result');
  });
});
